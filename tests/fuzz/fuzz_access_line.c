/* Records whose texts are the input, in every form of the access log. The first byte says how the
 * request ended, the second its numbers; the rest are texts with NUL between them. What holds: one
 * line, shorter than 16 KiB, valid UTF-8 without control characters, and JSON with each key once.
 */
#include <jansson.h>
#include <string.h>

#include "lb/base/utf8.h"
#include "lb/observe/access_line.h"
#include "tests/fuzz/support/target.h"

#define TEXTS 13u

#define TEMPLATE                                                                                   \
    "%{time} %{client_ip}\t%{target} \"%{user_agent}\" \"%{referrer}\" %{host} %{request_id} "     \
    "%{end} %{kind} %{protocol} %{listener} %{server_name} %{request_datagrams}"

static const char *const forms[] = {"json", "combined", "logstalgia", "haproxy", TEMPLATE};

static void fill(struct record *record, struct view rest)
{
    struct view *const texts[TEXTS] = {
        &record->target,        &record->user_agent,       &record->referrer,    &record->host,
        &record->method,        &record->request_id,       &record->client_ip,   &record->peer_ip,
        &record->endpoint_name, &record->endpoint_address, &record->endpoint_id, &record->service,
        &record->listener};
    for (unsigned i = 0; i < TEXTS && rest.ptr; i++)
        *texts[i] = view_cut(&rest, '\0');
}

static uint64_t spread(unsigned char seed)
{
    return seed == 255 ? RECORD_NEVER : UINT64_C(0x0101010101010101) * seed;
}

static void check_line(struct view line)
{
    TARGET_CHECK(line.len > 0 && line.len < ACCESS_LINE_BYTES && line.ptr[line.len - 1] == '\n');
    line.len--;
    while (line.len > 0) {
        size_t len = utf8_length(line);
        TARGET_CHECK(len > 0 && (!utf8_is_control(line, len) || line.ptr[0] == '\t'));
        line = view_skip(line, len);
    }
}

static void check_json(struct view line)
{
    json_t *document = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    TARGET_CHECK(json_is_object(document));
    TARGET_CHECK(json_is_string(json_object_get(json_object_get(document, "lb"), "end")));
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char out[ACCESS_LINE_BYTES];
    if (size < 2)
        return 0;
    uint64_t number = spread(data[1]);
    struct record record = {.end = (enum err)(data[0] % ERR_COUNT),
                            .status = data[0] % 2 ? data[1] * 4u : 0,
                            .attempt_count = data[1] % 5,
                            .retried_after = number & (UINT64_MAX >> (64 - ERR_COUNT)),
                            .response_body_bytes = number >> 1, /* JSON readers want 63 bits */
                            .start_wall_ns = number >> 1,
                            .total_ns = number >> 1,
                            .queue_ns = number,
                            .connect_ns = data[0] & 64 ? RECORD_NEVER : number,
                            .first_byte_ns = data[0] & 128 ? RECORD_NEVER : number,
                            .request_datagram_count = number >> 1,
                            .kind = (enum record_kind)(data[0] >> 4 & 3)};
    fill(&record, view_of((const char *)data + 2, size - 2));
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct access_format format;
        struct text problem = TEXT_INIT;
        TARGET_CHECK(access_format_parse(&format, view_str(forms[i]), &problem));
        struct access_line access = {.format = &format};
        struct view line = view_of(out, access_line_write(&access, &record, out));
        check_line(line);
        if (i == 0)
            check_json(line);
    }
    return 0;
}
