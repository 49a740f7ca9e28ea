"""LLVM code to machine code for this processor, and machine code into this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import llvmlite.binding as llvm

__all__ = ["load", "optimised"]

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()


def optimised(code: str, symbols: Sequence[str], level: int = 3) -> bytes:
    """An object file of LLVM code, of which only these functions have to be seen from outside.

    Code without loops in loops is as fast at level 0, which takes half of the time.
    """
    module = llvm.parse_assembly(code)
    for function in module.functions:
        if not function.is_declaration:
            function.linkage = "external" if function.name in symbols else "internal"
    target = llvm.Target.from_triple(llvm.get_process_triple())
    machine = target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=_features(),
        opt=3,
        reloc="pic",
        codemodel="small",
    )
    module.triple, module.data_layout = llvm.get_process_triple(), str(machine.target_data)
    options = llvm.create_pipeline_tuning_options(level)
    options.loop_vectorization = level > 0
    options.loop_unrolling = False  # takes a quarter of the time and brings nothing
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    found: bytes = machine.emit_object(module)
    return found


def _features() -> str:
    """What the processor can do. Where it has vectors of 512 bits, they are meant to be used."""
    features = llvm.get_host_cpu_features()
    asked: str = features.flatten()
    return f"{asked},-prefer-256-bit" if features.get("avx512f") else asked


def load(code: bytes, symbols: Sequence[str]) -> tuple[Any, list[int]]:
    """Load an object file into this process: what has to be kept as long as it runs, and where these are."""
    machine = llvm.Target.from_triple(llvm.get_process_triple()).create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine, use_lmm=True)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    addresses = [engine.get_function_address(symbol) for symbol in symbols]
    assert all(addresses), "the machine code lacks an entry"
    return engine, addresses
