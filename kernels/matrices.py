"""Products of matrices, and what is solved with them, in a fixed order: the same bits on every CPU.

A library's products are summed in an order that hangs on the CPU, and with products and sums fused where it can.  Here
each element of a product is the sum of its terms from the first to the last, each rounded; how the loops are blocked
changes nothing.  Everything is done for stacks of matrices, one after the other.

Sources: Golub and Van Loan (2013), Matrix computations: Cholesky's factor (section 4.2), elimination with row exchanges
(3.4), Jacobi's eigenvalues (8.5) and one-sided Jacobi's singular values (8.6, Hestenes 1958).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.kernels._jit import entry, part

SWEEPS = 60  # of Jacobi's at most; ten are usual
_STILL = 1e-30  # of the diagonal's squares: what is off it is rounding


@part
def _four_rows(left: Any, right: Any, into: Any, i: int) -> None:
    """Rows i to i + 3 of a product: as many terms at a time, each row's sum in order."""
    terms, columns = left.shape[1], right.shape[1]
    r0, r1, r2, r3 = into[i], into[i + 1], into[i + 2], into[i + 3]
    for quarter in range(terms // 4):
        k = 4 * quarter
        a0, a1, a2, a3 = left[i, k], left[i, k + 1], left[i, k + 2], left[i, k + 3]
        c0, c1, c2, c3 = left[i + 1, k], left[i + 1, k + 1], left[i + 1, k + 2], left[i + 1, k + 3]
        d0, d1, d2, d3 = left[i + 2, k], left[i + 2, k + 1], left[i + 2, k + 2], left[i + 2, k + 3]
        e0, e1, e2, e3 = left[i + 3, k], left[i + 3, k + 1], left[i + 3, k + 2], left[i + 3, k + 3]
        b0, b1, b2, b3 = right[k], right[k + 1], right[k + 2], right[k + 3]
        for j in range(columns):
            x, y, z, w = b0[j], b1[j], b2[j], b3[j]
            r0[j] = (((r0[j] + a0 * x) + a1 * y) + a2 * z) + a3 * w
            r1[j] = (((r1[j] + c0 * x) + c1 * y) + c2 * z) + c3 * w
            r2[j] = (((r2[j] + d0 * x) + d1 * y) + d2 * z) + d3 * w
            r3[j] = (((r3[j] + e0 * x) + e1 * y) + e2 * z) + e3 * w
    for k in range(terms - terms % 4, terms):
        a0, a1, a2, a3, b0 = left[i, k], left[i + 1, k], left[i + 2, k], left[i + 3, k], right[k]
        for j in range(columns):
            x = b0[j]
            r0[j], r1[j], r2[j], r3[j] = r0[j] + a0 * x, r1[j] + a1 * x, r2[j] + a2 * x, r3[j] + a3 * x


@entry
def multiply(a: Any, b: Any, out: Any) -> None:
    """Overwrite out [S, M, N] with a [S or 1, M, K] times b [S or 1, K, N], all of one type."""
    rows, terms, columns = out.shape[1], a.shape[2], b.shape[2]
    for s in range(out.shape[0]):
        left, right, into = a[s if a.shape[0] > 1 else 0], b[s if b.shape[0] > 1 else 0], out[s]
        into[:] = 0.0
        for four in range(rows // 4):
            _four_rows(left, right, into, 4 * four)
        for i in range(rows - rows % 4, rows):
            row = into[i]
            for quarter in range(terms // 4):
                k = 4 * quarter
                a0, a1, a2, a3 = left[i, k], left[i, k + 1], left[i, k + 2], left[i, k + 3]
                b0, b1, b2, b3 = right[k], right[k + 1], right[k + 2], right[k + 3]
                for j in range(columns):
                    row[j] = (((row[j] + a0 * b0[j]) + a1 * b1[j]) + a2 * b2[j]) + a3 * b3[j]
            for k in range(terms - terms % 4, terms):
                a0, b0 = left[i, k], right[k]
                for j in range(columns):
                    row[j] = row[j] + a0 * b0[j]


@entry
def factorise(a: Any) -> int:
    """Overwrite a float64[S, n, n] with lower Cholesky factors; how many matrices are not positive definite."""
    n, failed = a.shape[1], 0
    for s in range(a.shape[0]):
        m, sound = a[s], True
        for j in range(n):
            sound = sound and m[j, j] > 0.0
            root = np.sqrt(m[j, j])
            m[j, j] = root
            for i in range(j + 1, n):
                m[i, j] = m[i, j] / root
                m[j, i] = m[i, j]  # the column once more, side by side
            for i in range(j + 1, n):
                part, row, column = m[i, j], m[i], m[j]
                for k in range(j + 1, i + 1):
                    row[k] = row[k] - part * column[k]
            for i in range(j + 1, n):
                m[j, i] = 0.0
        failed += 0 if sound else 1
    return failed


@entry
def forward(root: Any, x: Any) -> None:
    """Overwrite x float64[S, n, N] with what lower triangular roots float64[S or 1, n, n] take to it."""
    for s in range(x.shape[0]):
        lower, of = root[s if root.shape[0] > 1 else 0], x[s]
        for i in range(of.shape[0]):
            row, whole = of[i], lower[i, i]
            for k in range(i):
                part, before = lower[i, k], of[k]
                for j in range(row.size):
                    row[j] = row[j] - part * before[j]
            for j in range(row.size):
                row[j] = row[j] / whole


@entry
def backward(root: Any, x: Any) -> None:
    """The same of the transposes of lower triangular roots."""
    for s in range(x.shape[0]):
        lower, of = root[s if root.shape[0] > 1 else 0], x[s]
        for i in range(of.shape[0] - 1, -1, -1):
            row, whole = of[i], lower[i, i]
            for j in range(row.size):
                row[j] = row[j] / whole
            for k in range(i):
                part, above = lower[i, k], of[k]
                for j in range(row.size):
                    above[j] = above[j] - part * row[j]


@entry
def eliminate(a: Any, x: Any) -> int:
    """Overwrite x float64[S, n, N] with what matrices a float64[S, n, n] take to it; how many of these are singular.

    a is used up.  The largest of a column, the first of equal ones, is its pivot.
    """
    n, failed = a.shape[1], 0
    for s in range(a.shape[0]):
        m, of, sound = a[s], x[s], True
        for j in range(n):
            pivot = j
            for i in range(j + 1, n):
                if abs(m[i, j]) > abs(m[pivot, j]):
                    pivot = i
            if pivot != j:
                for k in range(n):
                    m[j, k], m[pivot, k] = m[pivot, k], m[j, k]
                for k in range(of.shape[1]):
                    of[j, k], of[pivot, k] = of[pivot, k], of[j, k]
            whole = m[j, j]
            sound = sound and whole != 0.0
            for i in range(j + 1, n):
                part = m[i, j] / whole
                below, above, right, over = m[i], m[j], of[i], of[j]
                for k in range(j + 1, n):
                    below[k] = below[k] - part * above[k]
                for k in range(right.size):
                    right[k] = right[k] - part * over[k]
        for i in range(n - 1, -1, -1):
            row, whole = of[i], m[i, i]
            for k in range(i + 1, n):
                part, after = m[i, k], of[k]
                for j in range(row.size):
                    row[j] = row[j] - part * after[j]
            for j in range(row.size):
                row[j] = row[j] / whole
        failed += 0 if sound else 1
    return failed


@entry
def rotate(a: Any, vectors: Any) -> None:
    """Make a symmetric a float64[n, n] diagonal by turns of two rows and columns; vectors float64[n, n], at first the
    unit matrix, are turned along and then are its eigenvectors, a column each.
    """
    n = a.shape[0]
    for _sweep in range(SWEEPS):
        off, on = 0.0, 0.0
        for i in range(n):
            on += a[i, i] * a[i, i]
            for j in range(i):
                off += a[i, j] * a[i, j]
        if off <= _STILL * on:
            break
        for p in range(n - 1):
            for q in range(p + 1, n):
                if a[p, q] == 0.0:
                    continue
                theta = (a[q, q] - a[p, p]) / (2.0 * a[p, q])
                t = 1.0 / (abs(theta) + np.sqrt(theta * theta + 1.0))
                t = -t if theta < 0.0 else t
                c = 1.0 / np.sqrt(t * t + 1.0)
                s = t * c
                for k in range(n):
                    x, y = a[k, p], a[k, q]
                    a[k, p], a[k, q] = c * x - s * y, s * x + c * y
                for k in range(n):
                    x, y = a[p, k], a[q, k]
                    a[p, k], a[q, k] = c * x - s * y, s * x + c * y
                a[p, q], a[q, p] = 0.0, 0.0
                for k in range(n):
                    x, y = vectors[k, p], vectors[k, q]
                    vectors[k, p], vectors[k, q] = c * x - s * y, s * x + c * y


@entry
def untangle(rows: Any, vectors: Any) -> None:
    """Turn the rows of float64[n, m] until any two are orthogonal; vectors float64[n, n], at first the unit matrix, are
    turned along, row by row.
    """
    n, m = rows.shape
    for _sweep in range(SWEEPS):
        turned = False
        for p in range(n - 1):
            for q in range(p + 1, n):
                first, second = rows[p], rows[q]
                of_first, of_second, both = 0.0, 0.0, 0.0
                for k in range(m):
                    of_first += first[k] * first[k]
                    of_second += second[k] * second[k]
                    both += first[k] * second[k]
                if both * both <= _STILL * of_first * of_second:
                    continue
                turned = True
                theta = (of_second - of_first) / (2.0 * both)
                t = 1.0 / (abs(theta) + np.sqrt(theta * theta + 1.0))
                t = -t if theta < 0.0 else t
                c = 1.0 / np.sqrt(t * t + 1.0)
                s = t * c
                for k in range(m):
                    x, y = first[k], second[k]
                    first[k], second[k] = c * x - s * y, s * x + c * y
                for k in range(n):
                    x, y = vectors[p, k], vectors[q, k]
                    vectors[p, k], vectors[q, k] = c * x - s * y, s * x + c * y
        if not turned:
            break
