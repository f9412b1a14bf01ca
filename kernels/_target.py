"""The CPU as kernels are compiled for it: numba's own, with 512-bit vectors where the processor has them.

LLVM prefers 256-bit vectors on several processors that have wider ones.  numba's setting for that
(NUMBA_CPU_FEATURES) holds for a whole process and everybody's functions in it, so kernels have a code
generator of their own, put in numba's place while one of them compiles and taken out again: nobody else's
code changes.  Width never changes a result, as kernels use no operation that depends on it;
tests/kernels/test_digest.py compares.

RUNOFF_WIDE=0 leaves the width to LLVM; NUMBA_CPU_NAME and NUMBA_CPU_FEATURES are obeyed as they stand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from numba.core import codegen, config
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher, cpu_target

from runoff.kernels._lowering import kind_of, word_entry
from runoff.kernels._machine import Code, packed

_OF_THE_SYSTEM = ("fma", "fmaf", "memcpy", "memmove", "memset", "sqrt", "sqrtf")  # of C and its mathematics
_WIDE = ",-prefer-256-bit"


def features() -> str:
    """The CPU features that kernels are compiled for, as LLVM spells them."""
    asked: str | None = config.CPU_FEATURES  # type: ignore[attr-defined]  # numba makes it at run time
    if asked is not None:
        return asked
    known: str = codegen.get_host_cpu_features()  # type: ignore[no-untyped-call]  # numba
    wide = "+avx512f" in known.split(",") and os.environ.get("RUNOFF_WIDE", "1") != "0"
    return known + _WIDE if wide else known


class _Codegen(codegen.JITCPUCodegen):
    """numba's generator of machine code, told of the features above."""

    def _customize_tm_features(self) -> str:
        return features()


@lru_cache(maxsize=1)
def _codegen() -> _Codegen:
    return _Codegen("runoff.kernels")  # type: ignore[no-untyped-call]  # numba


@contextmanager
def _in_place(words: bool) -> Iterator[None]:
    """Kernels' code generator in the place of numba's; nobody else compiles meanwhile.

    words : and an entry that takes words in the place of the wrapper for Python.
    """
    context: Any = cpu_target.target_context
    with global_compiler_lock:
        theirs, context._internal_codegen = context._internal_codegen, _codegen()
        if words:
            context.create_cpython_wrapper = partial(word_entry, context)
        try:
            yield
        finally:
            context._internal_codegen = theirs
            if words:
                del context.create_cpython_wrapper  # the class's own again


class KernelDispatcher(CPUDispatcher):
    """What `numba.njit` makes of a function, compiled for the kernels' CPU."""

    words = False  # whether it is entered by a table of words, and never by Python

    def compile(self, sig: Any) -> Any:
        """Compile for these argument types, or load what was compiled."""
        with _in_place(self.words):
            return super().compile(sig)


class _ByWords(KernelDispatcher):
    words = True


def built(function: Any, arguments: tuple[Any, ...], flags: dict[str, Any]) -> tuple[Code, bytes | None]:
    """Machine code of a kernel for arguments of these types; and what is kept of it, if that may be run elsewhere."""
    options = {"nopython": True, "no_cfunc_wrapper": True, **flags}
    dispatcher: Any = _ByWords(function, targetoptions=options)
    types = tuple(dispatcher.typeof_pyval(argument) for argument in arguments)
    dispatcher.compile(types)
    compiled = dispatcher.overloads[types]
    symbol, library = compiled.fndesc.llvm_cpython_wrapper_name, compiled.library
    kind = kind_of(compiled.signature.return_type)
    code = Code(library.get_pointer_to_function(symbol), kind, dispatcher)
    return code, packed(symbol, kind, library._get_compiled_object()) if _stands_alone(library) else None


def _stands_alone(library: Any) -> bool:
    """Whether the code calls nothing but the system's: what numba's helpers do is not there without numba."""
    module = library._final_module
    names = [f.name for f in module.functions if f.is_declaration and not f.name.startswith("llvm.")]
    return not library.has_dynamic_globals and all(name in _OF_THE_SYSTEM for name in names)
