"""The commands of `chalkgrad`, a file each."""
