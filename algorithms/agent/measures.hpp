// Measures: what an algorithm knows of its course beside the iterates.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace gossamer {

/// A number that the programs of a run bring up to date together, for the metric of its name. Nobody in the
/// network could know it: it takes no simulated time and travels nowhere.
class Measure {
 public:
  virtual ~Measure() = default;
  /// As things stand; NaN before there is a value.
  virtual double value() const = 0;
};

/// The measures of a run that somebody wants to know.
class Measures {
 public:
  explicit Measures(std::set<std::string, std::less<>> wanted = {}) : wanted_(std::move(wanted)) {}

  /// The run's M, whose metric is M::name, made from the arguments where it is new; null where nobody wants it.
  template <class M, class... Arguments>
  M* get(const Arguments&... arguments) {
    if (!wanted_.contains(M::name)) return nullptr;
    std::unique_ptr<Measure>& measure = all_[std::string(M::name)];
    if (!measure) measure = std::make_unique<M>(arguments...);
    return static_cast<M*>(measure.get());
  }

  /// The value of a metric, or NaN.
  double value(std::string_view name) const;

 private:
  std::set<std::string, std::less<>> wanted_;
  std::map<std::string, std::unique_ptr<Measure>, std::less<>> all_;
};

}  // namespace gossamer
