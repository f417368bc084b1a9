/* What a connection begins with, from a balancer or somebody who would be one. What holds: whatever it
 * is, it is told with the same byte, and the same way, however the bytes come; a header is within its
 * bounds; its addresses can be written in both versions, and are read again as they were. */
#include "lb/net/proxy_header.h"
#include "tests/fuzz/support/target.h"

static void check_address(struct address wrote, struct address got)
{
    address_unmap(&wrote);
    address_unmap(&got);
    TARGET_CHECK(address_eq(&wrote, &got));
}

/* What is written for one of each family is IPv6, with the other mapped. */
static void check_written(const struct proxy_header *header)
{
    for (unsigned version = 1; version <= 2; version++) {
        char out[PROXY_HEADER_WRITTEN_BYTES_MAX];
        struct proxy_header again;
        size_t len = (version == 1 ? proxy_header_write_v1 : proxy_header_write_v2)(
            &header->source, &header->destination, out);
        TARGET_CHECK(len <= sizeof(out));
        TARGET_CHECK(proxy_header_read(view_of(out, len), &again) == PROXY_HEADER_DONE);
        TARGET_CHECK(again.len == len && again.has_addresses);
        check_address(header->source, again.source);
        check_address(header->destination, again.destination);
    }
}

static void check(enum proxy_header_result result, const struct proxy_header *header,
                  struct view bytes)
{
    TARGET_CHECK(result != PROXY_HEADER_WRONG || header->problem);
    TARGET_CHECK(result != PROXY_HEADER_MORE || bytes.len < PROXY_HEADER_BYTES_MAX);
    if (result != PROXY_HEADER_DONE)
        return;
    TARGET_CHECK(header->len > 0 && header->len <= bytes.len);
    TARGET_CHECK(header->len <= PROXY_HEADER_BYTES_MAX);
    if (header->has_addresses)
        check_written(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view bytes = view_of((const char *)data, size);
    struct proxy_header whole, part;
    enum proxy_header_result result = proxy_header_read(bytes, &whole);
    enum proxy_header_result told = PROXY_HEADER_MORE;
    check(result, &whole, bytes);
    for (size_t len = 0; len <= size; len++) {
        enum proxy_header_result got = proxy_header_read(view_of(bytes.ptr, len), &part);
        TARGET_CHECK(told == PROXY_HEADER_MORE || got == told);
        TARGET_CHECK(got != PROXY_HEADER_DONE || (part.len == whole.len && len >= part.len));
        told = got;
    }
    TARGET_CHECK(told == result);
    return 0;
}
