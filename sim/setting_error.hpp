// SettingError: which of the settings that were given is to blame.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace gossamer {

/// A setting is to blame that lies at `key` below those that were given: "speed.1" is the second entry of the
/// list `speed`.
class SettingError : public std::invalid_argument {
 public:
  SettingError(std::string key, const std::string& what)
      : std::invalid_argument(what), key_(std::move(key)) {}
  const std::string& key() const { return key_; }

 private:
  std::string key_;
};

}  // namespace gossamer
