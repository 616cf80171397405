#ifndef RESCORLA_BACKEND_LIKELIHOOD_HPP
#define RESCORLA_BACKEND_LIKELIHOOD_HPP

namespace rescorla {

enum class order { value = 0, gradient = 1, information = 2 };

// The one seam between inference and what computes likelihoods (CPU lanes now, other devices
// alike): it evaluates many (unit, parameter vector) pairs at once.
//
// A unit is one subject. Units are dealt into groups of `lanes()` lanes; lane l of group g holds
// unit(g, l), or -1 for padding. The same unit may sit in several lanes, so that few subjects with
// many starts fill them. A group may be wider than the machine's vectors: only the lanes that are
// wanted are computed, packed densely, so that lanes that are done cost nothing.
class likelihood;

#ifndef __CUDACC_RTC__   // virtual calls are the host's
class likelihood {
 public:
  virtual ~likelihood() = default;
  virtual int units() const = 0;
  virtual int groups() const = 0;
  virtual int lanes() const = 0;
  virtual int unit(int group, int lane) const = 0;
  // All of the program's parameters, fixed ones included.
  virtual int parameters() const = 0;
  // Directions in which derivatives come, and which parameter each is.
  virtual int directions() const = 0;
  virtual int direction(int k) const = 0;
  // parameters[p * lanes + l] -> value[l], gradient[k * lanes + l] and the Fisher information
  // information[(j * (j + 1) / 2 + i) * lanes + l] for directions i <= j. A lane whose
  // log-likelihood is not finite gets value -Inf and zero derivatives; what lanes that are not
  // wanted (wanted[l] = 0; null: all are) get is not defined. Safe to call from several threads at
  // once.
  virtual void evaluate(int group, order what, const unsigned char* wanted,
                        const double* parameters, double* value, double* gradient,
                        double* information) const = 0;
};
#endif

}  // namespace rescorla

#endif
