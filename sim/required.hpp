// Required: a parameter that has no default.
#pragma once

#include <concepts>
#include <optional>
#include <utility>

namespace gossamer {

/// A parameter without a default. Once it is given, it can be used as a T. Using it before throws
/// std::bad_optional_access.
template <class T>
class Required {
 public:
  Required() = default;
  // A value is a parameter.
  template <class U>
  requires(std::convertible_to<U, T> && !std::same_as<std::remove_cvref_t<U>, Required>)
      Required(U&& value)  // NOLINT
      : value_(static_cast<T>(std::forward<U>(value))) {}

  bool given() const { return value_.has_value(); }
  T& operator*() { return value_.value(); }
  const T& operator*() const { return value_.value(); }
  const T* operator->() const { return &value_.value(); }
  operator const T&() const { return value_.value(); }  // NOLINT: it stands for a T.

  /// If T is a function, such as a schedule: its value.
  template <class... Arguments>
  requires std::invocable<const T&, Arguments...>
  auto operator()(Arguments&&... arguments) const {
    return value_.value()(std::forward<Arguments>(arguments)...);
  }

 private:
  std::optional<T> value_;
};

}  // namespace gossamer
