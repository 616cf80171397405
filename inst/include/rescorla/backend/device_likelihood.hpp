#ifndef RESCORLA_BACKEND_DEVICE_LIKELIHOOD_HPP
#define RESCORLA_BACKEND_DEVICE_LIKELIHOOD_HPP

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <vector>

#include "cpu.hpp"
#include "device_jobs.hpp"
#include "device_store.hpp"
#include "likelihood.hpp"

namespace rescorla {

// What is to be known of a program besides its kernels.
struct device_model {
  device_program program;
  int parameters;
  unsigned long long directions;   // in which the kernels take derivatives, a bit each
  std::ptrdiff_t cells;            // of the workspace a thread has to be given; 0 where it has its own
};

// What binds a program to data, on a device.
class device_binding {
 public:
  device_binding(const device_interface& device, const bound_program& bound)
      : memory_(device) {
    std::vector<int> all;
    all.insert(all.end(), bound.extents.begin(), bound.extents.end());
    all.insert(all.end(), bound.labels.begin(), bound.labels.end());
    all.insert(all.end(), bound.number_base.begin(), bound.number_base.end());
    const int* at = memory_.put(all);
    view_ = {at, at + bound.extents.size(), at + bound.extents.size() + bound.labels.size(),
             bound.flush};
  }
  const binding& view() const { return view_; }

 private:
  device_memory memory_;
  binding view_;
};

// Threads of one launch: so few that none takes long, and that memory for their workspaces is there.
inline std::ptrdiff_t threads_at_once(std::ptrdiff_t cells) {
  const std::ptrdiff_t most = std::ptrdiff_t{1} << 21, doubles = std::ptrdiff_t{1} << 27;
  return cells == 0 ? most : std::max<std::ptrdiff_t>(std::min(most, doubles / cells), 1);
}

// Likelihoods on a device: a group is a part of the data, a lane one of its units, each of them
// `replicates` times.
class device_likelihood final : public likelihood {
 public:
  device_likelihood(const device_model& model, device_store& store, const bound_program& bound,
                    int replicates = 1, const std::atomic<bool>* stop = nullptr)
      : model_(model), store_(store), device_(store.device()), binding_(device_, bound),
        replicates_(replicates), stop_(stop), unit_(device_),
        parameters_(device_), results_(device_), workspace_(device_) {
    for (int p = 0; p < 64; ++p)
      if ((model.directions >> p) & 1ULL) direction_.push_back(p);
    for (int k = 0; k < store.parts(); ++k) widest_ = std::max(widest_, store.seats(k));
  }

  int units() const override { return store_.units(); }
  int groups() const override { return store_.parts(); }
  int lanes() const override { return widest_ * replicates_; }
  int unit(int group, int lane) const override {
    const int seats = store_.seats(group);
    return lane < seats * replicates_ ? store_.unit(store_.first_seat(group) + lane % seats) : -1;
  }
  int parameters() const override { return model_.parameters; }
  int directions() const override { return static_cast<int>(direction_.size()); }
  int direction(int k) const override { return direction_[static_cast<std::size_t>(k)]; }

  // One call at a time has the device.
  void evaluate(int group, order what, const unsigned char* wanted, const double* parameters,
                double* value, double* gradient, double* information) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int seats = store_.seats(group), width = lanes();
    chosen_.clear();
    seat_.clear();
    for (int l = 0; l < seats * replicates_; ++l)
      if (wanted == nullptr || wanted[l] != 0) {
        chosen_.push_back(l);
        seat_.push_back(l % seats);
      }
    const std::size_t pairs = chosen_.size();
    if (pairs == 0) return;
    const bool all = pairs == static_cast<std::size_t>(seats) * static_cast<std::size_t>(replicates_);

    host_.resize(pairs * static_cast<std::size_t>(model_.parameters));
    for (int p = 0; p < model_.parameters; ++p)
      for (std::size_t i = 0; i < pairs; ++i)
        host_[static_cast<std::size_t>(p) * pairs + i] =
            parameters[static_cast<std::ptrdiff_t>(p) * width + chosen_[i]];
    const std::size_t k = what == order::value ? 0 : direction_.size();
    const std::size_t triangle = what == order::information ? k * (k + 1) / 2 : 0;
    score_job job = {};
    job.data = store_.part(group);
    job.bound = binding_.view();
    job.pairs = static_cast<std::ptrdiff_t>(pairs);
    job.unit = all ? nullptr : unit_.put(seat_);
    job.parameters = parameters_.put(host_);
    job.value = results_.get<double>(pairs * (1 + k + triangle));
    job.gradient = job.value + pairs;
    job.fisher = job.gradient + k * pairs;
    run(job, what);

    host_.resize(pairs * (1 + k + triangle));
    download(device_, host_.data(), job.value, host_.size());
    scatter(0, 1, pairs, value);
    scatter(1, k, pairs, gradient);
    scatter(1 + k, triangle, pairs, information);
  }

 private:
  void run(score_job& job, order what) const {
    const device_kernel kernel = model_.program.kernel[static_cast<int>(what)];
    const std::ptrdiff_t most = threads_at_once(model_.cells);
    job.cells = model_.cells;
    job.workspace = model_.cells == 0 ? nullptr
                                      : workspace_.get<double>(static_cast<std::size_t>(
                                            std::min(most, job.pairs) * model_.cells));
    for (job.first = 0; job.first < job.pairs; job.first += most) {
      if (stop_ != nullptr && stop_->load(std::memory_order_relaxed)) break;
      job.count = std::min(most, job.pairs - job.first);
      check(device_.launch(kernel, job.count, &job, sizeof job));
      check(device_.wait());
    }
  }

  void scatter(std::size_t from, std::size_t rows, std::size_t pairs, double* to) const {
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < pairs; ++i)
        to[static_cast<std::ptrdiff_t>(r) * lanes() + chosen_[i]] = host_[(from + r) * pairs + i];
  }

  const device_model& model_;
  device_store& store_;
  const device_interface& device_;
  device_binding binding_;
  int replicates_, widest_ = 0;
  const std::atomic<bool>* stop_;
  std::vector<int> direction_;
  mutable std::mutex mutex_;
  mutable device_memory unit_, parameters_, results_, workspace_;
  mutable std::vector<int> chosen_, seat_;
  mutable std::vector<double> host_;
};

}  // namespace rescorla

#endif
