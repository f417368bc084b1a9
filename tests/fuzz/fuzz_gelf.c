/* A line as GELF, and as the address that it goes to. What holds: the message is JSON with the fields of GELF 1.1, and fits into
 * 128 chunks; of a line that is an object of JSON another reader finds the same level. */
#include <jansson.h>

#include "lb/gelf/gelf_chunk.h"
#include "lb/gelf/gelf_line.h"
#include "lb/gelf/gelf_message.h"
#include "lb/gelf/gelf_url.h"
#include "tests/fuzz/support/target.h"

#define NOW_NS UINT64_C(1795314600123456789)

static void check_message(struct view line)
{
    const struct gelf_message_origin origin = {.host = "box", .tag = "lb"};
    struct text out = TEXT_INIT;
    json_error_t problem;
    gelf_message_put(&out, &origin, line, NOW_NS);
    TARGET_CHECK(gelf_chunk_count(out.len, GELF_CHUNK_DATAGRAM_BYTES) > 0);
    json_t *message =
        json_loadb(out.bytes, out.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);
    TARGET_CHECK(json_is_object(message));
    TARGET_CHECK(json_is_string(json_object_get(message, "short_message")));
    TARGET_CHECK(json_is_real(json_object_get(message, "timestamp")));
    json_int_t level = json_integer_value(json_object_get(message, "level"));
    TARGET_CHECK(level >= GELF_LEVEL_CRITICAL && level <= GELF_LEVEL_DEBUG);
    json_decref(message);
    text_fini(&out);
}

/* Only of lines that every reader understands alike: no key twice. */
static void check_line(struct view line)
{
    json_error_t problem;
    struct gelf_line told = gelf_line_read(line);
    TARGET_CHECK(told.logger.len == 0 ||
                 (told.logger.ptr >= line.ptr && told.logger.len < line.len));
    json_t *object = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &problem);
    const char *level = json_string_value(json_object_get(object, "log.level"));
    bool has_object = json_is_object(json_object_get(object, "log"));
    if (level && !has_object && strcmp(level, "error") == 0)
        TARGET_CHECK(told.level == GELF_LEVEL_ERROR || memchr(line.ptr, '\\', line.len));
    if (json_is_object(object) && !level && !has_object && !memchr(line.ptr, '\\', line.len))
        TARGET_CHECK(told.level == GELF_LEVEL_INFO);
    json_decref(object);
}

static void check_url(struct view text)
{
    struct gelf_url url;
    const char *problem = NULL;
    char *copy = strndup(text.ptr ? text.ptr : "", text.len);
    if (gelf_url_parse(copy, &url, &problem))
        TARGET_CHECK(url.host[0] != '\0' && url.port > 0);
    else
        TARGET_CHECK(problem != NULL);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct view line = view_of((const char *)data, size);
    check_message(line);
    check_line(line);
    check_url(line);
    return 0;
}
