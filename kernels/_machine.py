"""Machine code called without the compiler: arguments as words, object code loaded by LLVM.

What numba makes of a function takes an array apart into eight-byte words (no owner, no parent, elements, bytes of one,
address, shape, strides) and a named tuple into those of its fields.  `_target` puts an entry before a kernel
that takes one table of such words, and a place for the number that comes back; here are the words, and what calls that
entry.
"""

from __future__ import annotations

import ctypes
import struct
import threading
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]
_ALL = 0xFFFFFFFFFFFFFFFF
_memo = threading.local()  # each thread's last named tuples and their words: they come again block after block


def told(arguments: tuple[Any, ...]) -> tuple[tuple[Any, ...], Words]:
    """The types of a kernel's arguments, by which its machine code is known, and their words.

    Raises
    ------
    TypeError : an argument that is no array, number or named tuple of these.
    """
    before: list[Any] = getattr(_memo, "known", [])
    known, types, words = [], [], []
    for place, argument in enumerate(arguments):
        if place < len(before) and before[place] is not None and before[place][0] is argument:
            entry = before[place]
        else:
            of: list[int] = []
            entry = (argument, _taken_apart(argument, of), np.array(of, np.uint64))
        known.append(entry if isinstance(argument, tuple) else None)
        types.append(entry[1])
        words.append(entry[2])
    _memo.known = known
    return tuple(types), np.concatenate(words)


def _taken_apart(value: Any, words: list[int]) -> Any:
    """The type of an argument; its words are added to `words`."""
    if isinstance(value, np.ndarray):
        words += [0, 0, value.size, value.itemsize, value.__array_interface__["data"][0], *value.shape]
        words += [stride & _ALL for stride in value.strides]
        flags = value.flags  # as numba knows an array: an order of its own only where it is not C's, whatever the shape
        order = "C" if flags.c_contiguous else "F" if flags.f_contiguous else "A"
        return value.dtype.str, value.ndim, order, flags.writeable, flags.aligned
    if isinstance(value, tuple):
        return type(value).__name__, tuple(_taken_apart(one, words) for one in value)
    if isinstance(value, np.integer):
        words.append(int(value) & _ALL)
        return value.dtype.str
    if type(value) is int:
        words.append(value & _ALL)
        return "int"
    if isinstance(value, float):  # float64 is one
        words.append(struct.unpack("<Q", struct.pack("<d", value))[0])
        return "float"
    raise TypeError(f"a kernel takes arrays, whole numbers and float64, not {type(value).__name__}")


class Code:
    """Machine code of a kernel; `owner` keeps it in memory.  kind : what it returns: '' nothing, 'i' int, 'f' float."""

    def __init__(self, address: int, kind: str, owner: object) -> None:
        self._call = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)(address)
        self._result: Any = {"": None, "i": ctypes.c_int64, "f": ctypes.c_double}[kind]
        self._owner = owner

    def __call__(self, words: Words) -> Any:
        result = None if self._result is None else self._result()
        if self._call(words.ctypes.data, None if result is None else ctypes.addressof(result)):
            raise RuntimeError("a kernel met an error that none of them has")  # they raise nothing
        return None if result is None else result.value


@lru_cache(maxsize=1)
def _llvm() -> Any:
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@lru_cache(maxsize=1)
def host() -> tuple[str, str, str]:
    """The system's triple, the CPU's name and its features, as LLVM tells them."""
    llvm = _llvm()
    return llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()


def packed(symbol: str, kind: str, object_code: bytes) -> bytes:
    """The object code with the name of its entry and what it returns, as one string of bytes."""
    return symbol.encode() + b"\0" + kind.encode() + b"\0" + object_code


def loaded(kept: bytes) -> Code:
    """What `packed` gave, in memory."""
    symbol, kind, object_code = kept.split(b"\0", 2)
    llvm = _llvm()
    machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(object_code))
    engine.finalize_object()
    return Code(engine.get_function_address(symbol.decode()), kind.decode(), engine)
