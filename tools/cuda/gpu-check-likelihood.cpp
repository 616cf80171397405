// Log-likelihoods, gradients and information on a device against those of the processor.

#include "gpu.hpp"

#include "gpu-data.hpp"

namespace gpu {
namespace {

using namespace rescorla;

struct scenario {
  const char* name;
  const char* model;
  int actions;
  traits has;
  int replicates;      // parameter vectors by unit
  std::size_t budget;  // bytes of the device's memory for data; few: in parts
  bool some;           // not all pairs are wanted
};

constexpr std::size_t ample = std::size_t{1} << 30;

// Some parameter vector of a model that suits outcomes of the given kind.
std::vector<double> parameters_of(const std::string& model, char outcome, int unit, int replicate) {
  const auto u = [&](int which) {
    return uniform(static_cast<std::uint64_t>(unit), static_cast<std::uint64_t>(replicate),
                   static_cast<std::uint64_t>(40 + which));
  };
  const double size = outcome == 's' ? 100.0 : 1.0, beta = (0.5 + 6.0 * u(0)) / size;
  const double rate = 0.05 + 0.9 * u(1), other = 0.05 + 0.9 * u(2), start = 0.5 * size;
  if (model == "rw") return {rate, beta, start};
  if (model == "rw_asymmetric") return {rate, other, beta, start};
  if (model == "rw_forgetting") return {rate, beta, other, start};
  if (model == "kalman")
    return {beta,  start,     0.5 * size * (1.0 + u(1)), 0.3 * size * u(2), 0.9 + 0.1 * u(3),
            start, 0.4 * size};
  // rlwm: alpha, beta, phi, rho, gamma, epsilon, C
  return {rate,       2.0 + 8.0 * u(0), 0.3 * other,     0.9 * u(3),
          0.9 * u(4), 0.1 * u(5),       1.0 + 4.0 * u(6)};
}

// Results of all units and replicates, [row][replicate][unit].
struct evaluated {
  std::vector<double> value, gradient, information;
};

// `wanted`, by pair [replicate][unit], or empty for all. A target whose lanes hold each unit once
// takes the replicates in turn.
evaluated evaluate(const likelihood& target, order what, int replicates, int replicates_at_once,
                   const std::vector<double>& parameters,
                   const std::vector<unsigned char>& wanted) {
  const std::size_t units = static_cast<std::size_t>(target.units());
  const std::size_t pairs = units * static_cast<std::size_t>(replicates);
  const std::size_t lanes = static_cast<std::size_t>(target.lanes());
  const std::size_t p = static_cast<std::size_t>(target.parameters());
  const std::size_t k = what == order::value ? 0 : static_cast<std::size_t>(target.directions());
  const std::size_t triangle = what == order::information ? k * (k + 1) / 2 : 0;
  evaluated r;
  r.value.assign(pairs, 0.0);
  r.gradient.assign(k * pairs, 0.0);
  r.information.assign(triangle * pairs, 0.0);
  std::vector<double> given(p * lanes), value(lanes), gradient(std::max<std::size_t>(k, 1) * lanes);
  std::vector<double> information(std::max<std::size_t>(triangle, 1) * lanes);
  std::vector<unsigned char> mine(lanes);
  std::vector<std::size_t> pair(lanes);
  for (int turn = 0; turn < replicates; turn += replicates_at_once)
    for (int g = 0; g < target.groups(); ++g) {
      std::vector<int> seen(units, turn);
      int some = 0;
      for (std::size_t l = 0; l < lanes; ++l) {
        const int unit = target.unit(g, static_cast<int>(l));
        mine[l] = 0;
        if (unit < 0) continue;
        const std::size_t u = static_cast<std::size_t>(unit);
        pair[l] = static_cast<std::size_t>(seen[u]++) * units + u;
        mine[l] = wanted.empty() ? 1 : wanted[pair[l]];
        some += mine[l];
        for (std::size_t q = 0; q < p; ++q) given[q * lanes + l] = parameters[q * pairs + pair[l]];
      }
      // None wanted is a call as well.
      target.evaluate(g, what, wanted.empty() ? nullptr : mine.data(), given.data(), value.data(),
                      gradient.data(), information.data());
      for (std::size_t l = 0; l < lanes && some > 0; ++l) {
        if (mine[l] == 0) continue;
        r.value[pair[l]] = value[l];
        for (std::size_t i = 0; i < k; ++i)
          r.gradient[i * pairs + pair[l]] = gradient[i * lanes + l];
        for (std::size_t i = 0; i < triangle; ++i)
          r.information[i * pairs + pair[l]] = information[i * lanes + l];
      }
    }
  return r;
}

// Three orders on both sides.
struct comparison {
  difference value, gradient, information;
};

comparison compare(const kernel_table& table, const device_model& model, const data_set& data,
                   const bound_program& bound, const scenario& s) {
  const packed_data packed(data.columns(), table.lanes, 1);
  const cpu_likelihood cpu(table, packed, bound, false);
  device_store store(*the_machine().device, packed, s.budget, in_parallel);
  const device_likelihood device(model, store, bound, s.replicates);
  if (s.budget < ample && store.parts() < 3) verdict(s.name, false, "the data are not in parts");

  const std::size_t units = static_cast<std::size_t>(data.units);
  const std::size_t pairs = units * static_cast<std::size_t>(s.replicates);
  std::vector<double> parameters(static_cast<std::size_t>(table.parameters) * pairs);
  std::vector<unsigned char> wanted;
  for (std::size_t i = 0; i < pairs; ++i) {
    const std::vector<double> mine = parameters_of(
        s.model, s.has.outcome, static_cast<int>(i % units), static_cast<int>(i / units));
    for (std::size_t p = 0; p < mine.size(); ++p) parameters[p * pairs + i] = mine[p];
    // Of the first part's units none at all.
    if (s.some) wanted.push_back(data.length[i % units] > 90 ? 0 : uniform(i, 6) < 0.6);
  }
  comparison c;
  for (order what : {order::value, order::gradient, order::information}) {
    const evaluated own = evaluate(cpu, what, s.replicates, 1, parameters, wanted);
    const evaluated there = evaluate(device, what, s.replicates, s.replicates, parameters, wanted);
    c.value.see(there.value, own.value);
    c.gradient.see(there.gradient, own.gradient);
    c.information.see(there.information, own.information);
  }
  return c;
}

void check(const scenario& s) {
  const kernel_table& table = *cpu_table(s.model);
  const data_set data = any_data(300, s.actions, 120, s.has, static_cast<unsigned>(s.actions));
  const bound_program bound = {
      {s.actions}, {}, {0, s.has.available ? 1 : -1}, flush_interval(s.actions)};
  device_program program = {};
  const bool sized = the_machine().ahead(s.model, s.actions, &program);
  if (!sized && !the_machine().ahead(s.model, 0, &program)) {
    verdict(s.name, false, "there are no kernels");
    return;
  }
  const comparison c = compare(table, model_of(program, table, bound, sized), data, bound, s);
  const std::string name = s.name;
  c.value.report(name + ": log-likelihood", 1e-12);
  c.gradient.report(name + ": gradient", 1e-10);
  c.information.report(name + ": information", 1e-10);
}

void check_module() {
  const scenario s = {"rlwm, compiled when needed", "rlwm", 3, {}, 2, ample, false};
  data_set data = any_data(200, 3, 100, {true, true, true, true, false, 'b'}, 8);
  // Stimuli, of which some are missing, and the size of their set, before the outcome.
  std::vector<std::int32_t> stimulus;
  std::vector<double> set_size;
  for (std::size_t i = 0; i < data.numbers[0].size(); ++i) {
    stimulus.push_back(static_cast<std::int32_t>(uniform(i, 31) * 4.2));
    if (stimulus.back() == 0 && uniform(i, 32) < 0.5) stimulus.back() = 1;
    set_size.push_back(2.0 + std::floor(3.0 * uniform(i / 20, 33)));
  }
  data.codes.push_back(stimulus);
  data.numbers.insert(data.numbers.begin(), set_size);
  const kernel_table& table = *cpu_table("rlwm");
  const bound_program bound = {{4, 3}, {0}, {0, 1, -1}, 128};
  const device_model model = model_of(the_machine().module("rlwm"), table, bound, true);
  const comparison c = compare(table, model, data, bound, s);
  c.value.report(std::string(s.name) + ": log-likelihood", 1e-12);
  c.gradient.report(std::string(s.name) + ": gradient", 1e-10);
  c.information.report(std::string(s.name) + ": information", 1e-10);
}

// How far single precision is from double: what is allowed is generous, the numbers are to be read.
void check_single() {
  const scenario s = {"", "rw_asymmetric", 3, {}, 1, ample, false};
  const kernel_table& table = *cpu_table(s.model);
  const data_set data = any_data(300, 3, 200, {true, true, true, true, false, 'b'}, 5);
  const bound_program bound = {{3}, {}, {0, -1}, flush_interval(3)};
  const device_model model = model_of(the_machine().module("single"), table, bound, true);
  const comparison c = compare(table, model, data, bound, s);
  c.value.report("single precision, rw_asymmetric, 3 actions: log-likelihood", 1e-4);
  c.gradient.report("single precision, rw_asymmetric, 3 actions: gradient", 1e-2);
}

}  // namespace

void check_likelihoods() {
  const traits plain = {};
  const traits rough = {true, true, true, true, false, 'b'};
  const traits masked = {true, true, true, true, true, 'b'};
  const auto with = [](traits has, char outcome) {
    has.outcome = outcome;
    return has;
  };
  const scenario all[] = {
      {"rw, 2 actions", "rw", 2, plain, 1, ample, false},
      {"rw, 2 actions, unequal lengths, blocks, missing, forced", "rw", 2, rough, 1, ample, false},
      {"rw_asymmetric, 3 actions, the same", "rw_asymmetric", 3, rough, 1, ample, false},
      {"rw_asymmetric, 3 actions, some not on offer", "rw_asymmetric", 3, masked, 1, ample, false},
      {"rw_forgetting, 5 actions, outcomes of 4 bytes", "rw_forgetting", 5, with(rough, 'f'), 1,
       ample, false},
      {"kalman, 4 actions, outcomes of 8 bytes", "kalman", 4, with(rough, 'd'), 1, ample, false},
      {"rw, 9 actions, the general kernel, outcomes of 2 bytes", "rw", 9, with(rough, 's'), 1,
       ample, false},
      {"kalman, 9 actions, the general kernel, some not on offer", "kalman", 9, masked, 2, ample,
       false},
      {"rw_asymmetric, 2 actions, data in parts", "rw_asymmetric", 2, rough, 1, 8000, false},
      {"rw_asymmetric, 2 actions, 7 vectors a unit", "rw_asymmetric", 2, rough, 7, ample, false},
      {"rw_forgetting, 5 actions, 3 vectors a unit, some wanted, in parts", "rw_forgetting", 5,
       rough, 3, 6000, true},
  };
  for (const scenario& s : all) check(s);
  check_module();
  check_single();
}

}  // namespace gpu
