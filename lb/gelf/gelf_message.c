#include "lb/gelf/gelf_message.h"

#include "lb/base/json_writer.h"
#include "lb/gelf/gelf_line.h"

#define SECOND_NS 1e9

static void put_known(struct json_writer *json, const char *key, const char *text)
{
    if (text && text[0] != '\0')
        json_writer_field_str(json, key, text);
}

/* Where it may be cut: not inside a character. */
static size_t cut_at(struct view line)
{
    size_t at = GELF_MESSAGE_LINE_BYTES;
    for (unsigned i = 0; i < 3 && ((unsigned char)line.ptr[at] & 0xC0) == 0x80; i++)
        at--;
    return at;
}

static void put_line(struct json_writer *json, struct view line)
{
    json_writer_key(json, "short_message");
    if (line.len <= GELF_MESSAGE_LINE_BYTES) {
        json_writer_string(json, line);
        return;
    }
    struct text cut = TEXT_INIT;
    text_append(&cut, view_of(line.ptr, cut_at(line)));
    text_append_str(&cut, "…");
    json_writer_string(json, text_view(&cut));
    text_fini(&cut);
}

void gelf_message_put(struct text *out, const struct gelf_message_origin *origin, struct view line,
                      uint64_t now_wall_ns)
{
    struct gelf_line told = gelf_line_read(line);
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "version", "1.1");
    json_writer_field_str(&json, "host", origin->host);
    put_line(&json, line);
    json_writer_key(&json, "timestamp");
    json_writer_double(&json, (double)(told.wall_ns > 0 ? told.wall_ns : now_wall_ns) / SECOND_NS);
    json_writer_field_uint(&json, "level", told.level);
    put_known(&json, "_tag", origin->tag);
    if (told.logger.len > 0) {
        json_writer_key(&json, "_logger");
        json_writer_string(&json, told.logger);
    }
    put_known(&json, "_container_name", origin->container_name);
    put_known(&json, "_container_id", origin->container_id);
    json_writer_end_object(&json);
}
