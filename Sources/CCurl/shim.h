#pragma once
#include <curl/curl.h>

// The program loads libcurl itself, when it first needs it, so that nothing here may name one of its functions.
//
// curl_easy_setopt is variadic: Swift neither imports it nor calls a pointer to it.
typedef CURLcode (*dhi_curl_setopt)(CURL *handle, CURLoption option, ...);

static inline CURLcode dhi_curl_set_long(
    void *setopt, CURL *handle, CURLoption option, long value) {
  return ((dhi_curl_setopt)setopt)(handle, option, value);
}
static inline CURLcode dhi_curl_set_string(
    void *setopt, CURL *handle, CURLoption option, const char *value) {
  return ((dhi_curl_setopt)setopt)(handle, option, value);
}
static inline CURLcode dhi_curl_set_pointer(
    void *setopt, CURL *handle, CURLoption option, void *value) {
  return ((dhi_curl_setopt)setopt)(handle, option, value);
}
static inline CURLcode dhi_curl_set_list(
    void *setopt, CURL *handle, CURLoption option, struct curl_slist *value) {
  return ((dhi_curl_setopt)setopt)(handle, option, value);
}
typedef size_t (*dhi_curl_data_callback)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode dhi_curl_set_data_callback(
    void *setopt, CURL *handle, CURLoption option, dhi_curl_data_callback callback) {
  return ((dhi_curl_setopt)setopt)(handle, option, callback);
}
typedef int (*dhi_curl_progress_callback)(
    void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total,
    curl_off_t uploaded);
static inline CURLcode dhi_curl_set_progress_callback(
    void *setopt, CURL *handle, dhi_curl_progress_callback callback) {
  return ((dhi_curl_setopt)setopt)(
      handle, CURLOPT_XFERINFOFUNCTION, callback);
}
