"""What is typeset to what it says, and what that is worth at a point."""
