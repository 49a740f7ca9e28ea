"""The kernels: one program runs every tape.

Imported only to compile them, by `translation`; `native` keeps the machine code, which calls the functions of
mathematics of the C library, and nothing else. Sums are computed in a fixed order, and nothing is assumed
about nan and inf. Products are rounded before they are added, but for gradients over many rows, on which no
kink depends.

What a primitive computes is taken from `autograd.functions` wherever that is plain arithmetic on floats.
Derivatives are not known here.
"""

from __future__ import annotations

from typing import Any

from .arithmetic import DOUBLE, FLOAT, INT
from .blocks import run_block
from .layout import ACTIONS
from .machine_code import optimised
from .single import run
from .translation import Module
from .vectors import at, int32_pointer, lanes, pointer_to

__all__ = ["compiled"]

PREPARE, RUN_ROWS, FINISH, EVALUATE = ACTIONS

# A program is a line of integers, as `native.Native` writes it:
#   0 shared slots  1 slots of rows  2 parameters  3 inputs  4 groups of the rows
#   5 rows in a block, at most  6 the fewest blocks in a chunk
#   7 first sum over rows  8 number of those  9 number of results
#   10-12 addresses of the table of groups, their data and the slots of the results
#   13-15 where each stage begins in the stream of groups  16 its address


def read_rows(x: Any, n_inputs: int, row: int, rows: int, each: Any, block: int) -> None:
    """Bring the inputs of a block of rows to their slots; the last row fills the vector up."""
    width = lanes(each)
    n_lanes = (rows + width - 1) // width * width
    for r in range(n_lanes):
        line = at(x, (row + min(r, rows - 1)) * n_inputs)
        for i in range(n_inputs):
            each[i * block + r] = line[i]


def run_rows(
    program: Any,
    v: Any,
    x: Any,
    first: int,
    last: int,
    each: Any,
    totals: Any,
    outputs: Any,
    n_outputs: int,
    scratch: Any,
    status: Any,
) -> None:
    """Run the rows from first to last, block by block; add up the sums over rows, from 0, in `totals`."""
    n_shared = program[0]
    groups, data = int32_pointer(program[10]), int32_pointer(program[11])
    results = pointer_to(program[12], program)
    for i in range(program[8]):
        totals[i] = 0.0
    two = 2 * lanes(each)
    blocks = (last - first + program[5] - 1) // program[5]  # as equal as can be, and no longer than need be
    block = (last - first + blocks * two - 1) // (blocks * two) * two
    row = first
    while row < last:
        rows = min(block, last - row)
        read_rows(x, program[3], row, rows, each, block)
        run_block(v, n_shared, each, block, rows, groups, program[4], data, totals, scratch, row, status)
        for i in range(n_outputs):
            slot = results[i]
            for r in range(rows):
                if slot >= n_shared:
                    outputs[(row + r) * n_outputs + i] = each[(slot - n_shared) * block + r]
                else:
                    outputs[(row + r) * n_outputs + i] = v[slot]
        row += block


def enter(
    action: int,
    program: Any,
    theta: Any,
    x: Any,
    first: int,
    last: int,
    chunk: int,
    divisor: float,
    v: Any,
    each: Any,
    totals: Any,
    scratch: Any,
    status: Any,
    out: Any,
    n_outputs: int,
) -> None:
    """The one way into the machine code.

    PREPARE     read the parameters, and compute what depends on them alone
    RUN_ROWS    run the rows from first to last, and write their n_outputs results to `out`
    FINISH      add up the sums of `last` chunks of rows, and write the results to `out`
    EVALUATE    all of that for `last` rows
    """
    stream = int32_pointer(program[16])
    n_sums = program[8]
    single = action == EVALUATE and last == 1  # everything is in one line of numbers
    if action in (EVALUATE, PREPARE):
        for i in range(program[2]):
            v[i] = theta[i]
        if single:
            for i in range(program[3]):
                v[program[0] + i] = x[i]
        for stage in range(3 if single else 1):
            run(at(stream, program[13 + stage]), v, scratch, 0, status)
    if action == RUN_ROWS or (action == EVALUATE and not single):
        k = 0
        while first < last:
            rows = min(chunk, last - first)
            into = at(totals, k * (n_sums + 1))
            run_rows(program, v, x, first, first + rows, each, into, out, n_outputs, scratch, status)
            first += rows
            k += 1
        last = k
    if action == FINISH or (action == EVALUATE and not single):
        sums = at(v, program[7])
        for i in range(n_sums):
            sums[i] = totals[i]
        for k in range(1, last):
            more = at(totals, k * (n_sums + 1))
            for i in range(n_sums):
                sums[i] += more[i]
        run(at(stream, program[15]), v, scratch, 0, status)
    if action in (FINISH, EVALUATE):
        results = pointer_to(program[12], program)
        for i in range(program[9]):
            out[i] = v[results[i]] / divisor


def descend(
    program: Any,
    v: Any,
    each: Any,
    totals: Any,
    scratch: Any,
    status: Any,
    move: Any,
    v_move: Any,
    each_move: Any,
    totals_move: Any,
    scratch_move: Any,
    status_move: Any,
    x: Any,
    batch: Any,
    mean: int,
    chunks: int,
    rows: Any,
    sizes: Any,
    n_steps: int,
    theta: Any,
    states: Any,
    moved: Any,
    out: Any,
    losses: Any,
    done: Any,
) -> None:
    """Steps of gradient descent. Stops before a step whose loss or gradient is not finite.

    program     gives the loss and its gradient; with its memory
    move        what an optimiser does, a row for each parameter it moves: gradient and state in, how far it
                goes and its new state out; with its memory. Parameters that are not moved come last
    x, batch    all rows, and room for those of one step
    mean        whether the loss is divided by the number of rows: 1, 0, or -1 where rows do not matter
    rows        which rows the steps take, one after the other; `sizes` says how many each takes
    states      for each parameter room for its gradient, and behind that its state
    losses      of each step
    done        gets the number of steps taken, and which number was not finite: 0 is the loss, 1 the
                gradient of the first parameter; -1 is none
    """
    block = program[5]
    n_inputs, n_moved, width = program[3], program[9] - 1, move[3]
    at_row = 0
    for step in range(n_steps):
        n = sizes[step]
        for r in range(n):
            for i in range(n_inputs):
                batch[r * n_inputs + i] = x[rows[at_row + r] * n_inputs + i]
        at_row += n
        divisor = n * 1.0 if mean == 1 else 1.0 / n if mean == -1 else 1.0
        chunk = block * max(program[6], (n + block * chunks - 1) // (block * chunks))
        enter(
            EVALUATE, program, theta, batch, 0, n, chunk, divisor, v, each, totals,
            scratch, status, out, 0,
        )  # fmt: skip
        losses[step] = out[0]
        for i in range(n_moved + 1):
            if out[i] - out[i] != 0 or status[0] != 0:
                done[0] = step
                done[1] = i
                return
        for i in range(n_moved):
            states[i * width] = out[1 + i]
        for action in range(PREPARE, FINISH):
            enter(
                action, move, theta, states, 0, n_moved, n_moved, divisor, v_move, each_move,
                totals_move, scratch_move, status_move, moved, width,
            )  # fmt: skip
        for i in range(n_moved):
            theta[i] += moved[i * width]
            for k in range(1, width):
                states[i * width + k] = moved[i * width + k]
    done[0] = n_steps
    done[1] = -1


# ------------------------------------------------------------------------------------------- what is compiled


def compiled(dtype: str) -> tuple[list[str], bytes]:
    """The symbols of `enter` and `descend`, and an object file with both, for numbers of this kind."""
    ints, doubles = INT.as_pointer(), DOUBLE.as_pointer()
    numbers = {"float64": DOUBLE, "float32": FLOAT}[dtype].as_pointer()
    memory = (numbers, numbers, numbers, numbers, doubles)
    entries = {
        enter: (INT, ints, doubles, doubles, INT, INT, INT, DOUBLE, *memory, doubles, INT),
        descend: (ints, *memory, ints, *memory, doubles, doubles, INT, INT, ints, ints, INT, *[doubles] * 6),
    }
    module = Module()
    symbols = [module.procedure(entry, types).name for entry, types in entries.items()]
    return symbols, optimised(str(module), symbols)
