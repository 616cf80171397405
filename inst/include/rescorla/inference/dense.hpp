#ifndef RESCORLA_INFERENCE_DENSE_HPP
#define RESCORLA_INFERENCE_DENSE_HPP

#include "numeric.hpp"

RESCORLA_INFERENCE_BEGIN

// Linear algebra for matrices of the size of a parameter vector (1 to about 25): a library's
// set-up would cost more than the work. Full matrices are row-major n x n; symmetric ones are
// packed as the likelihood's information is, element (i, j), i <= j, at j (j + 1) / 2 + i.

RESCORLA_BOTH inline int packed_size(int n) { return n * (n + 1) / 2; }

RESCORLA_BOTH inline int packed(int i, int j) {
  return i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j;
}

/// y = S x for a packed symmetric S.
RESCORLA_APART inline void packed_multiply(int n, const double* s, const double* x, double* y) {
  for (int i = 0; i < n; ++i) y[i] = 0.0;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < j; ++i, ++s) {
      y[i] += *s * x[j];
      y[j] += *s * x[i];
    }
    y[j] += *s++ * x[j];
  }
}

/// x' S x for a packed symmetric S.
RESCORLA_APART inline double packed_quadratic(int n, const double* s, const double* x) {
  double sum = 0.0;
  for (int j = 0; j < n; ++j) {
    double row = 0.0;
    for (int i = 0; i < j; ++i) row += *s++ * x[i];
    sum += x[j] * (2.0 * row + *s++ * x[j]);
  }
  return sum;
}

/// Cholesky factor L of a = L L', written over the lower triangle of `a`, with the reciprocals of
/// its diagonal in place of the diagonal, so that solving divides no more. False when a pivot is
/// lost to rounding or negative, that is when `a` is not numerically positive definite.
RESCORLA_APART inline bool cholesky(int n, double* a) {
  for (int j = 0; j < n; ++j) {
    double* row_j = a + j * n;
    const double diagonal = row_j[j];
    double pivot = diagonal;
    for (int k = 0; k < j; ++k) pivot -= row_j[k] * row_j[k];
    if (!(pivot > 1e-14 * diagonal) || !(diagonal > 0.0)) return false;
    const double inverse = 1.0 / ::sqrt(pivot);
    row_j[j] = inverse;
    for (int i = j + 1; i < n; ++i) {
      double* row_i = a + i * n;
      double sum = row_i[j];
      for (int k = 0; k < j; ++k) sum -= row_i[k] * row_j[k];
      row_i[j] = sum * inverse;
    }
  }
  return true;
}

/// Solves L L' x = b in place.
RESCORLA_APART inline void cholesky_solve(int n, const double* factor, double* b) {
  for (int i = 0; i < n; ++i) {
    double sum = b[i];
    for (int k = 0; k < i; ++k) sum -= factor[i * n + k] * b[k];
    b[i] = sum * factor[i * n + i];
  }
  for (int i = n - 1; i >= 0; --i) {
    double sum = b[i];
    for (int k = i + 1; k < n; ++k) sum -= factor[k * n + i] * b[k];
    b[i] = sum * factor[i * n + i];
  }
}

/// log det(L L').
RESCORLA_BOTH inline double cholesky_log_determinant(int n, const double* factor) {
  double sum = 0.0;
  for (int i = 0; i < n; ++i) sum += ::log(factor[i * n + i]);
  return -2.0 * sum;
}

/// Eigenvalues (left on the diagonal of `a`) and eigenvectors (the columns of `v`) of a symmetric
/// matrix by cyclic Jacobi rotations (Golub and Van Loan 2013, section 8.5): slow for large
/// matrices, and for small ones the most accurate choice.
RESCORLA_APART inline void symmetric_eigen(int n, double* a, double* v) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) v[i * n + j] = i == j ? 1.0 : 0.0;
  }
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0.0, diagonal = 0.0;
    for (int i = 0; i < n; ++i) {
      diagonal += a[i * n + i] * a[i * n + i];
      for (int j = 0; j < i; ++j) off += a[i * n + j] * a[i * n + j];
    }
    if (off <= 1e-32 * diagonal || off == 0.0) return;
    for (int p = 0; p < n - 1; ++p) {
      for (int q = p + 1; q < n; ++q) {
        const double apq = a[p * n + q];
        if (apq == 0.0) continue;
        const double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * apq);
        const double t =
            (theta >= 0.0 ? 1.0 : -1.0) / (::fabs(theta) + ::sqrt(1.0 + theta * theta));
        const double c = 1.0 / ::sqrt(1.0 + t * t), s = t * c;
        for (int k = 0; k < n; ++k) {
          const double akp = a[k * n + p], akq = a[k * n + q];
          a[k * n + p] = c * akp - s * akq;
          a[k * n + q] = s * akp + c * akq;
        }
        for (int k = 0; k < n; ++k) {
          const double apk = a[p * n + k], aqk = a[q * n + k];
          a[p * n + k] = c * apk - s * aqk;
          a[q * n + k] = s * apk + c * aqk;
        }
        for (int k = 0; k < n; ++k) {
          const double vkp = v[k * n + p], vkq = v[k * n + q];
          v[k * n + p] = c * vkp - s * vkq;
          v[k * n + q] = s * vkp + c * vkq;
        }
      }
    }
  }
}

RESCORLA_INFERENCE_END

#endif
