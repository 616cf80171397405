#ifndef RESCORLA_CORE_ERROR_HPP
#define RESCORLA_CORE_ERROR_HPP

#include <stdexcept>
#include <string>

namespace rescorla {

// The kinds of error a user can meet; each arrives in R as the condition class
// rescorla_error_<kind>.
enum class error_kind { input, data, model, backend };

class error : public std::runtime_error {
 public:
  error(error_kind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  error_kind kind() const { return kind_; }

 private:
  error_kind kind_;
};

}  // namespace rescorla

#endif
