#include "agent/http_get.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace gatewatch::agent {
namespace {

struct Body {
  std::string content;
  size_t limit;
};

size_t Append(char* data, size_t, size_t size, void* user) {
  auto& body = *static_cast<Body*>(user);
  if (size > body.limit - body.content.size()) return 0;  // ends the transfer
  body.content.append(data, size);
  return size;
}

struct EasyCleanup {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using EasyHandle = std::unique_ptr<CURL, EasyCleanup>;

void Configure(CURL* handle, const std::string& url, absl::Duration timeout,
               Body& body) {
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(timeout)));
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
}

}  // namespace

absl::StatusOr<std::string> HttpGet(const std::string& url,
                                    absl::Duration timeout, size_t limit) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_ALL);
  const EasyHandle handle(initialized == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) return absl::InternalError("libcurl failed to start");
  Body body{.limit = limit};
  Configure(handle.get(), url, timeout, body);
  const CURLcode result = curl_easy_perform(handle.get());
  if (result == CURLE_WRITE_ERROR) {
    return absl::ResourceExhaustedError(
        absl::StrCat(url, ": more than ", limit, " bytes"));
  }
  if (result != CURLE_OK) {
    return absl::UnavailableError(
        absl::StrCat(url, ": ", curl_easy_strerror(result)));
  }
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    return absl::UnavailableError(absl::StrCat(url, ": status ", status));
  }
  return std::move(body.content);
}

}  // namespace gatewatch::agent
