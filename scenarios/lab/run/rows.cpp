#include "scenarios/lab/run/rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gossamer {

Rows::Rows(const Setup& setup, Pool& pool, Trace& trace) : setup_(setup), pool_(pool), trace_(trace) {
  trace_.node_count = setup_.workers();
  for (const Metric& metric : metrics()) {
    if (!metric.there(setup_.facts)) continue;
    metrics_.push_back(&metric);
    trace_.metrics.push_back({std::string(metric.name), {}});
  }
  if (setup_.scenario.record.nodes) {
    trace_.nodes = {{"time", {}}, {"compute_time", {}}, {"bits", {}}, {"gradients", {}}};
  }
}

Evaluation Rows::evaluate(const Vector& x) const {
  if (!x.allFinite()) return {};
  const Scenario& scenario = setup_.scenario;
  const Wanted wanted{.gradient = scenario.wants("grad_norm"),
                      .test = scenario.wants("test_loss") || scenario.wants("test_accuracy")};
  return setup_.problem->evaluate(x, wanted, pool_);
}

bool Rows::add(double iteration, double updates, const Standing& standing, const Evaluation* known) {
  const auto& [values, times] = standing;
  const Index n = setup_.workers();
  // From the first on, so that the mean of equal points is that point.
  Vector mean = Vector::Zero(values.x.rows());
  for (Index i = 1; i < n; ++i) mean += values.x.col(i) - values.x.col(0);
  mean = values.x.col(0) + mean / static_cast<double>(n);
  const Vector& x = values.server_x.size() > 0 ? values.server_x : mean;
  const Evaluation f = known ? *known : evaluate(x);

  const Row row{setup_.facts, iteration, updates, values, times, mean, x, f};
  std::vector<double> numbers;
  for (const Metric* metric : metrics_) {
    const bool asked = !metric->evaluated || setup_.scenario.wants(metric->name);
    numbers.push_back(asked ? metric->value(row) : Evaluation::none);
  }
  // NaN in a row says that nobody asked.
  if (!std::isfinite(f.loss) || !f.gradient.allFinite() ||
      std::ranges::any_of(numbers, [](double number) { return std::isinf(number); })) {
    trace_.status = Trace::Status::diverged;
    trace_.diverged_at = static_cast<std::int64_t>(iteration);
    return false;
  }
  for (std::size_t k = 0; k < numbers.size(); ++k) trace_.metrics[k].values.push_back(numbers[k]);
  if (!trace_.nodes.empty()) {
    const std::vector<double>* columns[] = {&times.time, &times.compute_time, &values.bits,
                                            &values.gradients};
    for (std::size_t k = 0; k < trace_.nodes.size(); ++k) {
      auto& column = trace_.nodes[k].values;
      column.insert(column.end(), columns[k]->begin(), columns[k]->begin() + n);
    }
  }
  if (setup_.scenario.record.parameters == Parameters::final) {
    trace_.parameters.assign(values.x.data(), values.x.data() + values.x.size());
  }
  return true;
}

bool Rows::target_reached() const {
  const auto& target = setup_.scenario.stop.target;
  if (!target || trace_.status == Trace::Status::diverged) return false;
  return std::ranges::all_of(target->values, [&](const auto& wanted) {
    const double value = trace_.last(wanted.first);
    return find_metric(wanted.first)->rises() ? value >= wanted.second : value <= wanted.second;
  });
}

bool Rows::enough_bits(const Values& values) const {
  const auto& bits = setup_.scenario.stop.bits;
  return bits &&
         std::accumulate(values.bits.begin(), values.bits.end(), 0.0) >= static_cast<double>(bits->count);
}

}  // namespace gossamer
