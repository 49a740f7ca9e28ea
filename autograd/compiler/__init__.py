"""Functions of scalars at machine speed: `jit`.

What happens between the function and its numbers, in the order of the files:

    face        `jit`: calls, tables, parameters; a program for each structure of the arguments
    structure   the structure of arguments, and tables as matrices
    recording   the function runs on numbers that are not known, and its operations are put on a tape
    lowering    the operations as code; the rules of the table, recorded like any other function
    code        operations on earlier ones, equal ones once, simplified where no bit changes
    passes      chains of additions become sums of products
    backward    the derivatives, written behind the code
    counting    what counts where: `where` and `take` hand nothing to what they do not choose
    schedule    stages, levels, groups of like operations, and slots for their results
    tape        the schedule as integers: instructions for groups, by vectors where operands lie so, or for
                single operations
    rolling     what repeats among those, as loops
    tiles       the same for many rows, four sums at a time
    program     all of that for one structure, with what it took; `listing` prints it
    machine     runs a program over rows, in blocks, chunks and threads
    descent     gradient descent that stays in compiled code

They are executed by kernels, the same for all programs: `kernels`, `single` (one row, by `threaded` code),
`blocks` (many rows), `elementwise`, `exponentials`, `logarithms` and `approximations`, written in a part of
Python, with the `vectors` of the processor. `translation` makes LLVM code of them, by `arithmetic` of
numbers, and `machine_code` what the processor runs, once for a machine (`native`), which is kept on disk
(`cache`); `loops` does so for what a program repeats. Without llvmlite, `arrays` does the same work on
NumPy. `layout` is what those who write programs and those who run them agree on. `jax_export` hands the
forward pass over to JAX: `gates` sees to its gradients, `lines` to how numbers lie.
"""

from .face import Jitted, jit

__all__ = ["Jitted", "jit"]
