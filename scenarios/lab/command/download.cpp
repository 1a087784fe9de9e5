#include "scenarios/lab/command/download.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <charconv>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "scenarios/lab/trace/output_file.hpp"
#include "scenarios/lab/trace/revision.hpp"

namespace gossamer {
namespace {

constexpr long connect_seconds = 20;
/// A server that has sent less than this, in bytes a second, for so long is given up.
constexpr long slowest = 1000, slow_seconds = 60;

constexpr long partial_content = 206, range_not_satisfiable = 416;  // HTTP status codes.

/// The number that `text` ends with behind the last `mark`.
std::optional<std::int64_t> number_behind(char mark, std::string_view text) {
  text.remove_prefix(text.find_last_of(mark) + 1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// One request, whose answer goes to a file.
class Request {
 public:
  Request(const std::string& url, OutputFile& part, const DownloadWatch& watch)
      : url_(url),
        part_(part),
        watch_(watch),
        kept_(part.size()),
        curl_(curl_easy_init(), curl_easy_cleanup) {
    if (!curl_) throw std::runtime_error(url + ": cannot be fetched: libcurl does not start");
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
    set(CURLOPT_LOW_SPEED_LIMIT, slowest);
    set(CURLOPT_LOW_SPEED_TIME, slow_seconds);
    set(CURLOPT_USERAGENT, (std::string("gossamer/") + version).c_str());
    // Not CURLOPT_RESUME_FROM, with which libcurl takes the whole file for an error.
    if (kept_ > 0) set(CURLOPT_RANGE, fmt::format("{}-", kept_).c_str());
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(reason_));
    set(CURLOPT_WRITEDATA, this);
    set(
        CURLOPT_WRITEFUNCTION, +[](char* bytes, std::size_t, std::size_t size, void* request) {
          return static_cast<Request*>(request)->take(std::as_bytes(std::span(bytes, size))) ? size : 0;
        });
  }

  /// False: nothing of what was kept is of use, and the file is empty now.
  bool perform() {
    const CURLcode code = curl_easy_perform(curl_.get());
    if (failure_) std::rethrow_exception(failure_);
    if (status() == range_not_satisfiable && kept_ > 0) {
      // "bytes */SIZE": the file may be whole already.
      if (number_behind('/', header("Content-Range")) == kept_) return true;
      part_.clear();
      return false;
    }
    if (code == CURLE_OK) {
      begin();  // If the file is empty, nothing else did.
      return true;
    }
    const std::string_view reason = *reason_ ? reason_ : curl_easy_strerror(code);
    if (!begun_) throw std::runtime_error(fmt::format("{}: cannot be fetched: {}", url_, reason));
    throw std::runtime_error(fmt::format(
        "{}: broke off after {} bytes: {}; the same command goes on from there", url_, part_.size(), reason));
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) {
      throw std::runtime_error(url_ + ": cannot be fetched: libcurl refuses an option");
    }
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  std::string_view header(const char* name) const {
    curl_header* header = nullptr;
    return curl_easy_header(curl_.get(), name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value
                                                                                          : "";
  }

  /// Before the first byte: whether the server sends the rest, or everything.
  void begin() {
    if (begun_) return;
    begun_ = true;
    const bool rest = kept_ > 0 && status() == partial_content &&
                      header("Content-Range").starts_with(fmt::format("bytes {}-", kept_));
    if (!rest) part_.clear();
    curl_off_t length = -1;
    curl_easy_getinfo(curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    done_ = rest ? kept_ : 0;
    if (length >= 0) total_ = done_ + length;
  }

  /// Exceptions must not pass through libcurl.
  bool take(std::span<const std::byte> bytes) try {
    begin();
    part_.write(bytes);
    done_ += std::ssize(bytes);
    watch_(done_, total_);
    return true;
  } catch (...) {
    failure_ = std::current_exception();
    return false;
  }

  const std::string& url_;
  OutputFile& part_;
  const DownloadWatch& watch_;
  std::int64_t kept_;  ///< Bytes of an earlier attempt.
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
  char reason_[CURL_ERROR_SIZE] = "";
  std::exception_ptr failure_;
  bool begun_ = false;
  std::int64_t done_ = 0;
  std::optional<std::int64_t> total_;
};

}  // namespace

void download(const std::string& url, const std::filesystem::path& path, const DownloadWatch& watch,
              const std::function<void(const std::filesystem::path& part)>& accept) {
  const std::filesystem::path part_path = path.string() + ".part";
  OutputFile part(part_path, OutputFile::Content::keep);
  if (!part.lock()) throw std::runtime_error(part_path.string() + ": another gossamer is fetching it");
  while (!Request(url, part, watch).perform()) {
  }
  try {
    accept(part_path);
  } catch (...) {
    std::filesystem::remove(part_path);
    throw;
  }
  part.rename(path);
}

}  // namespace gossamer
