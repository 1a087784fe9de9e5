// Support: a set of coordinates, one bit for each coordinate that there is.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "algorithms/vectors/sparse_vector.hpp"
#include "algorithms/vectors/vector.hpp"

namespace gossamer {

/// A subset of the coordinates 0, ..., d - 1, for instance those in which a vector is not zero.
class Support {
 public:
  explicit Support(Index d) : dimension_(d), words_(static_cast<std::size_t>((d + 63) / 64)) {}

  Index dimension() const { return dimension_; }
  bool contains(Index j) const { return (words_[word(j)] >> (j % 64) & 1) != 0; }
  void insert(Index j) { words_[word(j)] |= std::uint64_t{1} << (j % 64); }
  void erase(Index j) { words_[word(j)] &= ~(std::uint64_t{1} << (j % 64)); }
  /// Adds the coordinates in another subset.
  void unite(const Support& other) {
    for (std::size_t k = 0; k < words_.size(); ++k) words_[k] |= other.words_[k];
  }
  Index size() const {
    Index count = 0;
    for (const std::uint64_t w : words_) count += std::popcount(w);
    return count;
  }

  /// Calls visit(j) for every coordinate in it, ascending. `visit` may erase j.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t k = 0; k < words_.size(); ++k) each_of(k, visit);
  }
  /// The same, with soon(j) some coordinates ahead of visit(j), to fetch from memory what that will take.
  template <class Soon, class Visit>
  void for_each(Soon&& soon, Visit&& visit) const {
    constexpr std::size_t ahead = 8;
    for (std::size_t k = 0; k < words_.size(); ++k) {
      if (k + ahead < words_.size()) each_of(k + ahead, soon);
      each_of(k, visit);
    }
  }

  /// Bit j % 64 of word j / 64 says whether j is in it; bits behind the last coordinate are 0.
  std::span<const std::uint64_t> words() const { return words_; }
  std::span<std::uint64_t> words() { return words_; }

 private:
  static std::size_t word(Index j) { return static_cast<std::size_t>(j / 64); }
  /// Calls visit(j) for every coordinate of word k.
  template <class Visit>
  void each_of(std::size_t k, Visit&& visit) const {
    for (std::uint64_t rest = words_[k]; rest != 0; rest &= rest - 1)
      visit(static_cast<Index>(64 * k) + std::countr_zero(rest));
  }

  Index dimension_;
  std::vector<std::uint64_t> words_;
};

/// The coordinates of x that are not zero.
Support support_of(const Vector& x);

/// Some coordinates of a vector in R^d, k of them, with their values.
struct Selection {
  Support coordinates;
  SparseVector values;  ///< In R^k: coordinate r is the value of the r-th selected coordinate.

  /// In R^d, with zeros where nothing is selected.
  SparseVector sparse() const;
};

/// S(v, I) [Xu et al. 2022, Eq. 10]: v on the coordinates in I.
Selection select(const SparseVector& v, Support coordinates);

}  // namespace gossamer
