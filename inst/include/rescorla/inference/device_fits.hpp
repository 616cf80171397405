#ifndef RESCORLA_INFERENCE_DEVICE_FITS_HPP
#define RESCORLA_INFERENCE_DEVICE_FITS_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

#include "../backend/device_likelihood.hpp"
#include "device_fit_job.hpp"
#include "problem.hpp"
#include "results.hpp"

namespace rescorla {
namespace inference {

/// Fits of all units on a device: the host sends what the search needs to know, and gets results.
class device_fits {
 public:
  /// `what` must have been prepared for likelihoods of the same data.
  device_fits(const device_model& model, device_store& store, const bound_program& bound,
              const problem& what)
      : model_(model), store_(store), device_(store.device()), binding_(device_, bound),
        what_(what), given_(device_), memory_(device_), books_(device_), workspace_(device_),
        doubles_(device_), integers_(device_), counts_(device_) {}

  /// With how many threads a unit's starts are searched, where there are so many units in all: few
  /// units have more, so that the device is busy. It depends on nothing else, as results do in their
  /// last bits.
  static int shares_of(int units, int starts) {
    constexpr int enough = 1 << 16;
    return std::max(1, std::min(starts, enough / std::max(units, 1)));
  }

  /// False when it was interrupted; units that were not fitted by then are marked so.
  bool run(const options& how, int shares, results& out) {
    for (int part = 0; part < store_.parts(); ++part)
      if (!run_part(part, how, shares, out)) {
        for (int& status : out.status)
          if (status == static_cast<int>(outcome::not_run))
            status = static_cast<int>(outcome::interrupted);
        return false;
      }
    return true;
  }

 private:
  typedef std::vector<unsigned char> bytes;

  /// Appends an array, on a boundary of 16 bytes; its place.
  template <class T>
  static std::size_t append(bytes& to, const T* from, std::size_t count) {
    to.resize((to.size() + 15) / 16 * 16);
    const std::size_t at = to.size();
    const unsigned char* begin = reinterpret_cast<const unsigned char*>(from);
    to.insert(to.end(), begin, begin + count * sizeof(T));
    return at;
  }

  /// Rows for the units of a part, in the order of its seats.
  template <class T>
  std::size_t append_rows(bytes& to, const unit_rows<T>& from, int part) const {
    const std::size_t length = static_cast<std::size_t>(from.length);
    if (from.shared || from.values == nullptr) return append(to, from.values, from.values ? length : 0);
    std::vector<T> rows;
    for (int s = 0; s < store_.seats(part); ++s) {
      const T* row = from.row(store_.unit(store_.first_seat(part) + s));
      rows.insert(rows.end(), row, row + length);
    }
    return append(to, rows.data(), rows.size());
  }

  /// The problem of a part's units with pointers to the device's memory.
  problem_view send(int part) {
    problem_view v = what_.view();
    bytes all;
    const std::size_t p = static_cast<std::size_t>(v.free_count);
    const std::size_t free = append(all, v.free, p);
    const std::size_t free_parameter = append(all, v.free_parameter, p);
    const std::size_t links = append(all, v.links, v.posterior ? p : 0);
    const std::size_t places[] = {append_rows(all, v.fixed, part), append_rows(all, v.lower, part),
                                  append_rows(all, v.upper, part),
                                  append_rows(all, v.search_lower, part),
                                  append_rows(all, v.search_upper, part),
                                  append_rows(all, v.prior_constants, part),
                                  append_rows(all, v.start_values, part)};
    const std::size_t priors = append_rows(all, v.priors, part);
    const unsigned char* there = given_.put(all);
    v.units = store_.seats(part);
    v.free = reinterpret_cast<const int*>(there + free);
    v.free_parameter = reinterpret_cast<const int*>(there + free_parameter);
    v.links = reinterpret_cast<const link*>(there + links);
    unit_rows<double>* rows[] = {&v.fixed,        &v.lower,           &v.upper,       &v.search_lower,
                                 &v.search_upper, &v.prior_constants, &v.start_values};
    for (std::size_t i = 0; i < 7; ++i)
      rows[i]->values = reinterpret_cast<const double*>(there + places[i]);
    v.priors.values = reinterpret_cast<const prior*>(there + priors);
    return v;
  }

  /// One piece of a part's results: an array of the host's with so many elements by unit.
  template <class T>
  struct piece {
    std::vector<T>* host;
    std::size_t width;
  };

  bool run_part(int part, const options& how, int shares, results& out) {
    const std::size_t units = static_cast<std::size_t>(store_.seats(part));
    const std::size_t p = static_cast<std::size_t>(out.size);
    const int directions = __builtin_popcountll(model_.directions);
    const fit_extent extent = {out.size, what_.starts, model_.parameters, directions};
    device_fit_job job = {};
    job.data = store_.part(part);
    job.bound = binding_.view();
    job.cells = model_.cells;
    job.fit.what = send(part);
    job.fit.how = how;
    job.fit.shares = shares;
    job.fit.thread_memory =
        std::max(fit_memory(extent), shares > 1 ? search_memory(extent, shares) : 0);

    const piece<double> doubles[] = {
        {&out.estimate, p},       {&out.log_likelihood, 1}, {&out.log_posterior, 1},
        {&out.log_evidence, 1},   {&out.gradient, p},       {&out.hessian, p * p},
        {&out.hessian_real, what_.posterior ? p * p : 0},   {&out.scaled_gradient, 1}};
    const piece<int> integers[] = {{&out.at_bound, p},   {&out.flat, p},         {&out.status, 1},
                                   {&out.iterations, 1}, {&out.starts_agree, 1}, {&out.starts_failed, 1}};
    const piece<long long> counts[] = {{&out.evaluations, 1}};
    double* d[8];
    int* i[6];
    long long* c[1];
    place(doubles_, doubles, units, part, d);
    place(integers_, integers, units, part, i);
    place(counts_, counts, units, part, c);
    job.fit.out = {d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7],
                   i[0], i[1], i[2], i[3], c[0], i[4], i[5]};

    // Units of one launch: so few that it is over in a moment, for whoever wants to stop it, and that
    // there is memory for what its threads do not have themselves.
    const bool outside = job.fit.thread_memory > own_fit_memory;
    const std::size_t each = sizeof(double) * static_cast<std::size_t>(model_.cells) +
                             (outside ? job.fit.thread_memory : 0) +
                             (shares > 1 ? sizeof(double) * job.fit.book_length() : 0);
    constexpr std::size_t most = std::size_t{1} << 17, room = std::size_t{1} << 30;
    const std::size_t at_once = each == 0 ? most : std::min(most, room / each);
    const std::size_t together = std::max<std::size_t>(
        1, std::min(units, at_once / static_cast<std::size_t>(shares)));
    const std::size_t threads = together * static_cast<std::size_t>(shares);
    job.workspace = model_.cells == 0
                        ? nullptr
                        : workspace_.get<double>(threads * static_cast<std::size_t>(model_.cells));
    job.fit.memory =
        outside ? memory_.get<unsigned char>(threads * job.fit.thread_memory) : nullptr;
    job.fit.books =
        shares == 1 ? nullptr : books_.get<double>(threads * job.fit.book_length());
    const device_kernel kernel = model_.program.kernel[static_cast<int>(device_task::fit)];
    bool complete = true;
    for (std::size_t from = 0; from < units; from += together) {
      complete = !how.stopped();
      if (!complete) break;
      const std::size_t count = std::min(together, units - from);
      job.fit.first = static_cast<int>(from);
      if (shares == 1) {
        launch(kernel, job, fit_step::whole, count);
      } else {
        launch(kernel, job, fit_step::search, count * static_cast<std::size_t>(shares));
        launch(kernel, job, fit_step::finish, count);
      }
      check(device_.wait());
      if (how.finished != nullptr) how.finished->fetch_add(static_cast<long long>(count));
    }
    fetch(doubles, units, part, d);
    fetch(integers, units, part, i);
    fetch(counts, units, part, c);
    return complete;
  }

  void launch(const device_kernel& kernel, device_fit_job& job, fit_step step, std::size_t threads) {
    job.model = model_.program.number;
    job.fit.step = step;
    job.threads = static_cast<std::ptrdiff_t>(threads);
    check(device_.launch(kernel, job.threads, &job, sizeof job));
  }

  /// Room for a part's results, filled with what stands there before a fit.
  template <class T, std::size_t N>
  void place(device_memory& memory, const piece<T> (&pieces)[N], std::size_t units, int part,
             T* (&there)[N]) const {
    std::size_t all = 0;
    for (const piece<T>& x : pieces) all += x.width * units;
    std::vector<T> host;
    host.reserve(all);
    for (const piece<T>& x : pieces)
      for (std::size_t s = 0; s < units; ++s) {
        const T* row = x.host->data() + unit(part, s) * x.width;
        host.insert(host.end(), row, row + x.width);
      }
    T* at = memory.put(host);
    for (std::size_t k = 0; k < N; ++k) {
      there[k] = at;
      at += pieces[k].width * units;
    }
  }
  template <class T, std::size_t N>
  void fetch(const piece<T> (&pieces)[N], std::size_t units, int part, T* const (&there)[N]) const {
    std::vector<T> host;
    for (std::size_t k = 0; k < N; ++k) {
      const std::size_t width = pieces[k].width;
      host.resize(width * units);
      download(device_, host.data(), there[k], host.size());
      for (std::size_t s = 0; s < units; ++s)
        std::copy(host.begin() + static_cast<std::ptrdiff_t>(s * width),
                  host.begin() + static_cast<std::ptrdiff_t>((s + 1) * width),
                  pieces[k].host->begin() + static_cast<std::ptrdiff_t>(unit(part, s) * width));
    }
  }
  std::size_t unit(int part, std::size_t seat) const {
    return static_cast<std::size_t>(store_.unit(store_.first_seat(part) + static_cast<int>(seat)));
  }

  const device_model& model_;
  device_store& store_;
  const device_interface& device_;
  device_binding binding_;
  const problem& what_;
  device_memory given_, memory_, books_, workspace_, doubles_, integers_, counts_;
};

}  // namespace inference
}  // namespace rescorla

#endif
