#ifndef RESCORLA_CORE_SINGLE_HPP
#define RESCORLA_CORE_SINGLE_HPP

#include "builtin.hpp"
#include "precision.hpp"

RESCORLA_BEGIN

// The type in which whole numbers wrap around, as those of a vector do, and that of a comparison,
// which has as many bits as what is compared.
template <class T>
struct wrapping {
  typedef T type;
  typedef long long truth;
};
template <>
struct wrapping<long long> {
  typedef unsigned long long type;
  typedef long long truth;
};
template <>
struct wrapping<int> {
  typedef unsigned type;
  typedef int truth;
};
template <>
struct wrapping<float> {
  typedef float type;
  typedef int truth;
};

// What the compiler's vectors are for several lanes, for one: code for the GPU, where a thread is
// a lane, has no such vectors. It acts as they do: numbers mix in, a comparison gives all bits set
// or none, a conversion keeps the bits.
template <class T>
struct single {
  typedef typename wrapping<T>::type wrapped;
  typedef typename wrapping<T>::truth truth;
  T x;

  single() = default;
  RESCORLA_INLINE constexpr single(T value) : x(value) {}
  template <class U>
  RESCORLA_INLINE explicit single(const single<U>& other) {
    static_assert(sizeof(T) == sizeof(U), "");
    builtin::copy(&x, &other.x, sizeof x);
  }

  RESCORLA_INLINE T& operator[](int) { return x; }
  RESCORLA_INLINE const T& operator[](int) const { return x; }

#define RESCORLA_SINGLE_BINARY(op)                                                   \
  RESCORLA_INLINE friend single operator op(single a, single b) {                    \
    return static_cast<T>(static_cast<wrapped>(a.x) op static_cast<wrapped>(b.x));   \
  }
  RESCORLA_SINGLE_BINARY(+)
  RESCORLA_SINGLE_BINARY(-)
  RESCORLA_SINGLE_BINARY(*)
  RESCORLA_SINGLE_BINARY(&)
  RESCORLA_SINGLE_BINARY(|)
  RESCORLA_SINGLE_BINARY(^)
#undef RESCORLA_SINGLE_BINARY

#define RESCORLA_SINGLE_COMPARISON(op)                                               \
  RESCORLA_INLINE friend single<truth> operator op(single a, single b) {             \
    return single<truth>(static_cast<truth>(a.x op b.x ? -1 : 0));                   \
  }
  RESCORLA_SINGLE_COMPARISON(<)
  RESCORLA_SINGLE_COMPARISON(>)
  RESCORLA_SINGLE_COMPARISON(<=)
  RESCORLA_SINGLE_COMPARISON(>=)
  RESCORLA_SINGLE_COMPARISON(==)
  RESCORLA_SINGLE_COMPARISON(!=)
#undef RESCORLA_SINGLE_COMPARISON

  RESCORLA_INLINE friend single operator/(single a, single b) { return a.x / b.x; }
  RESCORLA_INLINE friend single operator-(single a) { return -a.x; }
  RESCORLA_INLINE friend single operator~(single a) { return ~a.x; }
  RESCORLA_INLINE friend single operator<<(single a, int bits) {
    return static_cast<T>(static_cast<wrapped>(a.x) << bits);
  }
  RESCORLA_INLINE friend single operator>>(single a, int bits) { return a.x >> bits; }
};

// W values of type T that move together. The vectors are GCC's (and clang's) vector extension:
// arithmetic, comparison and `mask ? a : b` act by lane, and the instruction set is that of the
// translation unit.
template <class T, int W>
struct lanes;
#ifndef RESCORLA_DEVICE   // which has a single lane, and not every compiler for it knows vectors
template <class T, int W>
struct lanes {
  typedef T vector __attribute__((vector_size(W * 8)));
};
#endif
template <class T>
struct lanes<T, 1> {
  typedef single<T> vector;
};

RESCORLA_END

#endif
