"""The CPU as kernels are compiled for it: numba's own, with 512-bit vectors where the processor has them.

LLVM prefers 256-bit vectors on several processors that have wider ones.  numba's setting for that
(NUMBA_CPU_FEATURES) holds for a whole process and everybody's functions in it, so kernels have a code
generator of their own, put in numba's place while one of them compiles and taken out again: nobody else's
code changes.  Width never changes a result, as kernels use no operation that depends on it;
tests/kernels/test_digest.py compares.

A kernel is compiled whole: its pieces are put together first, and only what they come to is optimised and made
machine code.  numba does both with each piece as well, in case Python calls it: a third of the time.

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


class _Library(codegen.JITCodeLibrary):
    """What is compiled of one function: of a piece, only what kernels link."""

    piece = False

    def _optimize_final_module(self) -> None:
        if not self.piece:
            super()._optimize_final_module()  # type: ignore[no-untyped-call]  # numba

    def _finalize_final_module(self) -> None:
        if self.piece:
            self._finalized = True
        else:
            super()._finalize_final_module()  # type: ignore[no-untyped-call]  # numba

    def get_pointer_to_function(self, name: str) -> int:
        """Where the function's code begins; 0 for a piece, which has none."""
        if self.piece:
            return 0
        found: int = super().get_pointer_to_function(name)  # type: ignore[no-untyped-call]  # numba
        return found


class _Codegen(codegen.JITCPUCodegen):
    """numba's generator of machine code, told of the features above, and whether it is at a piece."""

    _library_class = _Library
    piece = False

    def _customize_tm_features(self) -> str:
        return features()

    def create_library(self, name: str, **options: Any) -> _Library:
        """A library for one function."""
        library: _Library = super().create_library(name, **options)  # type: ignore[no-untyped-call]  # numba
        library.piece = self.piece
        return library

    def set_env(self, env_name: str, env: object) -> None:
        """Tell the code where Python's objects are: a piece has no code yet, and kernels use no such objects."""
        if not self.piece:
            super().set_env(env_name, env)  # type: ignore[no-untyped-call]  # numba


@lru_cache(maxsize=1)
def _codegen() -> _Codegen:
    return _Codegen("runoff.kernels")  # type: ignore[no-untyped-call]  # numba


@contextmanager
def _in_place(words: bool, piece: bool) -> Iterator[None]:
    """Kernels' code generator in the place of numba's; nobody else compiles meanwhile.

    words : and an entry that takes words in the place of the wrapper for Python.
    piece : whether this is one, compiled while the kernel that calls it is.
    """
    context: Any = cpu_target.target_context
    ours = _codegen()
    with global_compiler_lock:
        theirs, context._internal_codegen = context._internal_codegen, ours
        before, ours.piece = ours.piece, piece
        if words:
            context.create_cpython_wrapper = partial(word_entry, context)
        try:
            yield
        finally:
            context._internal_codegen, ours.piece = theirs, before
            if words:
                del context.create_cpython_wrapper  # the class's own again


class KernelDispatcher(CPUDispatcher):
    """What `numba.njit` makes of a function, compiled for the kernels' CPU."""

    words = False  # whether it is entered by a table of words, and never by Python

    def compile(self, sig: Any) -> Any:
        """Compile for these argument types, or load what was compiled."""
        with _in_place(self.words, bool(self.targetoptions.get("no_cpython_wrapper"))):
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
