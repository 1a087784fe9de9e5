// Reading tables of numbers in text, one row a line, with a column of labels.
#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "algorithms/problems/data/data_set.hpp"

namespace gossamer {

struct Table {
  LabelledRows rows;
  std::vector<std::string> columns{};  ///< Names of the features; empty where the file has no header.
  std::vector<std::string> notes{};    ///< As those of DataSet.
};

/// Reads lines of cells to the end of `in`. They are separated by what the first line has: tabs, else
/// semicolons, else commas, else bars, else blanks. A cell may stand in double quotes. Blank lines and lines
/// that begin with '#' are passed over. The first line is a header if none of its cells is a number. A first
/// column without a name holds the numbers of rows, as pandas writes them, and is left out.
///
/// `label` is the column of the labels: a name in the header, "first", "last", or its number, from 1. "": the
/// one called label, class, target or y, in any case, else the last, which a note names. Labels are finite
/// numbers or words; features are finite numbers, or true and false, as 1 and 0.
///
/// Safe on any bytes. Throws DataFileError `name:line:` for a cell that is missing or no number, lines of
/// unequal lengths, a header that could be a row (0,1,2,...), and where there are no rows; DataError at
/// "label" where there is no such column, or two could be it.
Table read_csv(std::istream& in, std::string_view name, const std::string& label = "");

}  // namespace gossamer
