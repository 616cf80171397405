#include "groups.h"
#include "threads.h"

#include <algorithm>
#include <memory>
#include <mutex>

#include "rescorla/inference/chain.hpp"

using namespace Rcpp;
namespace inference = rescorla::inference;

namespace {

// What is kept of a chain. Columns of `values`: coefficients, shared, standard deviations,
// correlations. Subjects' parameters are in natural units.
struct record {
  std::vector<double> values;              // [draw][column]
  std::vector<double> parameters;          // [kept draw][unit][P]
  std::vector<double> mean, squares;       // [unit][P]: of natural values, over all draws
  std::vector<double> mean_z, squares_z;   // the same on the real line
  std::vector<inference::nuts_report> reports;
  int draws = 0;
};

void add_moment(double x, int count, double& mean, double& squares) {
  const double deviation = x - mean;
  mean += deviation / count;
  squares += deviation * (x - mean);
}

class recorder {
 public:
  recorder(const group_engine& engine, const inference::group_model& model, int draws, int thin,
           bool keep)
      : engine_(engine), model_(model), view_(engine.batch, model, nullptr), thin_(thin),
        keep_(keep) {
    const std::size_t cells = static_cast<std::size_t>(engine.batch.units()) *
                              static_cast<std::size_t>(engine.batch.size());
    for (auto* x : {&made.mean, &made.squares, &made.mean_z, &made.squares_z}) x->assign(cells, 0.0);
    made.values.reserve(static_cast<std::size_t>(draws) * static_cast<std::size_t>(columns()));
    if (keep) made.parameters.reserve(cells * static_cast<std::size_t>((draws + thin - 1) / thin));
  }

  int columns() const {
    return model_.first_pair() + static_cast<int>(model_.pairs.size());
  }

  void operator()(int draw, const std::vector<double>& q, const inference::nuts_report& report) {
    view_.unpack(q.data());
    for (int k = 0; k < model_.first_spread(); ++k) made.values.push_back(q[static_cast<std::size_t>(k)]);
    for (int r = 0; r < model_.layout.size(); ++r) made.values.push_back(view_.sd(r));
    for (const auto& p : model_.pairs) made.values.push_back(view_.correlation(p.row, p.column));
    made.reports.push_back(report);
    made.draws = draw + 1;
    const std::vector<double>& z = view_.parameters();
    const std::size_t size = engine_.parameters.maps.size();
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double x = engine_.parameters.maps[i % size].natural(z[i]);
      add_moment(x, draw + 1, made.mean[i], made.squares[i]);
      add_moment(z[i], draw + 1, made.mean_z[i], made.squares_z[i]);
      if (keep_ && draw % thin_ == 0) made.parameters.push_back(x);
    }
  }

  record made;

 private:
  const group_engine& engine_;
  const inference::group_model& model_;
  inference::group_density view_;
  int thin_;
  bool keep_;
};

inference::chain_settings settings_from(const List& x, const NumericVector& variance,
                                         const NumericVector& centre) {
  inference::chain_settings how;
  how.warmup = as<int>(x["warmup"]);
  how.draws = as<int>(x["draws"]);
  how.max_depth = as<int>(x["max_depth"]);
  how.target_acceptance = as<double>(x["adapt_delta"]);
  how.variance.assign(variance.begin(), variance.end());
  how.centre.assign(centre.begin(), centre.end());
  how.rotate = as<bool>(x["rotate"]);
  how.trust = as<double>(x["trust"]);
  return how;
}

DataFrame reports_of(const std::vector<inference::nuts_report>& reports) {
  const R_xlen_t n = static_cast<R_xlen_t>(reports.size());
  NumericVector density(n), energy(n), acceptance(n), step(n);
  IntegerVector depth(n), leapfrogs(n);
  LogicalVector divergent(n);
  for (R_xlen_t i = 0; i < n; ++i) {
    const inference::nuts_report& r = reports[static_cast<std::size_t>(i)];
    density[i] = r.log_density;
    energy[i] = r.energy;
    acceptance[i] = r.acceptance;
    step[i] = r.step_size;
    depth[i] = r.depth;
    leapfrogs[i] = r.leapfrogs;
    divergent[i] = r.divergent;
  }
  return DataFrame::create(_["lp__"] = density, _["accept_stat__"] = acceptance,
                           _["stepsize__"] = step, _["treedepth__"] = depth,
                           _["n_leapfrog__"] = leapfrogs, _["divergent__"] = divergent,
                           _["energy__"] = energy);
}

// The chains of one run. Threads take the chain that is behind, a few iterations at a time, so that
// all come to an end together and an interrupt finds them about equally far.
class pool {
 public:
  typedef inference::chain<inference::group_density> one_chain;
  pool(std::vector<std::unique_ptr<one_chain>>& chains, std::vector<recorder>& records,
       std::vector<std::atomic<int>>& done)
      : chains_(chains), records_(records), done_(done), busy_(chains.size(), 0),
        state_(chains.size(), 0) {}

  void work() {
    for (int c = take(); c >= 0; c = take()) {
      const std::size_t i = static_cast<std::size_t>(c);
      if (state_[i] == 0) state_[i] = chains_[i]->begin() ? 1 : -1;
      if (state_[i] > 0) {
        const int before = chains_[i]->iteration();
        recorder& to = records_[i];
        chains_[i]->advance(
            10,
            [&](int draw, const std::vector<double>& q, const inference::nuts_report& r) {
              to(draw, q, r);
            },
            done_[i]);
        // Stopped within the first iteration of this turn.
        if (chains_[i]->iteration() == before) state_[i] = -2;
      }
      const std::lock_guard<std::mutex> lock(mutex_);
      busy_[i] = 0;
    }
  }

  bool began(std::size_t chain) const { return state_[chain] != -1; }

 private:
  int take() {
    const std::lock_guard<std::mutex> lock(mutex_);
    int chosen = -1;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      if (busy_[i] != 0 || state_[i] < 0 || chains_[i]->finished()) continue;
      if (chosen < 0 || chains_[i]->iteration() < chains_[static_cast<std::size_t>(chosen)]->iteration())
        chosen = static_cast<int>(i);
    }
    if (chosen >= 0) busy_[static_cast<std::size_t>(chosen)] = 1;
    return chosen;
  }

  std::vector<std::unique_ptr<one_chain>>& chains_;
  std::vector<recorder>& records_;
  std::vector<std::atomic<int>>& done_;
  std::mutex mutex_;
  std::vector<char> busy_;
  std::vector<int> state_;  // 0 not begun, 1 running, -1 no density at its start, -2 stopped
};

}  // namespace

// Draws from the hierarchical posterior: `starts` has a column for each chain.
// [[Rcpp::export]]
List cpp_nuts(SEXP kernels, SEXP packed, List bound, bool every, List free, List group,
              NumericMatrix starts, NumericVector variance, NumericVector centre, List settings,
              double seed, int threads, Function tick) {
  const group_engine engine(kernels, packed, bound, every, free, 1);
  const inference::group_model model = group_from(group, engine.parameters.size());
  const std::size_t count = static_cast<std::size_t>(starts.ncol());
  const int thin = as<int>(settings["thin"]);
  const bool keep = as<bool>(settings["keep"]);
  std::atomic<bool> stop(false);
  std::vector<inference::chain_settings> how(count, settings_from(settings, variance, centre));
  std::vector<std::unique_ptr<inference::group_density>> targets;
  std::vector<std::unique_ptr<pool::one_chain>> chains;
  std::vector<recorder> records;
  std::vector<std::atomic<int>> done(count);
  for (std::size_t c = 0; c < count; ++c) {
    const NumericMatrix::Column column = starts.column(static_cast<int>(c));
    how[c].start.assign(column.begin(), column.end());
    targets.emplace_back(new inference::group_density(engine.batch, model, &stop));
    chains.emplace_back(new pool::one_chain(*targets[c], how[c], static_cast<std::uint64_t>(seed),
                                            static_cast<std::uint32_t>(c)));
    records.emplace_back(engine, model, how[c].draws, thin, keep);
    done[c] = 0;
  }
  pool work(chains, records, done);
  const int workers = std::min(threads, static_cast<int>(count));
  const bool complete = with_device_errors([&] {
    return run_beside(
        threads, stop,
        [&](const rescorla::executor& parallel) {
          // Threads that no chain needs help within the evaluations.
          if (workers < threads)
            for (auto& target : targets) target->parallel = &parallel;
          parallel(workers, [&](int) { work.work(); });
        },
        [&] {
          IntegerVector progress(static_cast<R_xlen_t>(count));
          for (std::size_t c = 0; c < count; ++c)
            progress[static_cast<R_xlen_t>(c)] = done[c].load();
          tick(progress);
        });
  });
  List out(static_cast<R_xlen_t>(count));
  for (std::size_t c = 0; c < count; ++c) {
    record& r = records[c].made;
    NumericVector values(r.values.begin(), r.values.end());
    NumericVector parameters(r.parameters.begin(), r.parameters.end());
    std::vector<double>().swap(r.parameters);
    out[static_cast<R_xlen_t>(c)] = List::create(
        _["draws"] = r.draws, _["values"] = values, _["parameters"] = parameters,
        _["mean"] = r.mean, _["squares"] = r.squares, _["mean_z"] = r.mean_z,
        _["squares_z"] = r.squares_z, _["reports"] = reports_of(r.reports),
        _["began"] = work.began(c), _["variance"] = chains[c]->variance());
  }
  return List::create(_["chains"] = out, _["complete"] = complete);
}

namespace {

// A density written in R: for the sampler's own tests, and whoever wants it for another target.
class r_density {
 public:
  r_density(const Function& density, std::size_t size) : density_(density), size_(size) {}
  double operator()(const double* q, double* gradient) {
    const NumericVector at(q, q + size_);
    const List found = density_(at);
    const NumericVector slope = found[1];
    std::copy(slope.begin(), slope.end(), gradient);
    return as<double>(found[0]);
  }
  bool stopped() const { return false; }

 private:
  Function density_;
  std::size_t size_;
};

}  // namespace

// One chain on a density written in R, list(value, gradient) of a position. A column a draw.
// [[Rcpp::export]]
List cpp_nuts_function(Function density, NumericVector start, NumericVector variance,
                       NumericVector centre, List settings, double seed, int stream) {
  inference::chain_settings how = settings_from(settings, variance, centre);
  how.start.assign(start.begin(), start.end());
  r_density target(density, how.start.size());
  inference::chain<r_density> chain(target, how, static_cast<std::uint64_t>(seed),
                                    static_cast<std::uint32_t>(stream));
  NumericMatrix draws(static_cast<int>(start.size()), how.draws);
  std::vector<inference::nuts_report> reports;
  std::atomic<int> done(0);
  if (!chain.begin())
    raise(rescorla::error_kind::input, "The density vanishes at the starting point.");
  while (!chain.finished()) {
    checkUserInterrupt();
    chain.advance(
        10,
        [&](int draw, const std::vector<double>& q, const inference::nuts_report& report) {
          std::copy(q.begin(), q.end(), draws.column(draw).begin());
          reports.push_back(report);
        },
        done);
  }
  return List::create(_["draws"] = draws, _["reports"] = reports_of(reports),
                      _["variance"] = chain.variance());
}
