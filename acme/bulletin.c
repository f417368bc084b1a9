#include "acme/bulletin.h"

#include "lb/base/json_writer.h"

void bulletin_open(struct bulletin *bulletin, int fd)
{
    *bulletin = (struct bulletin){0};
    keepsake_open(&bulletin->keepsake, fd);
}

void bulletin_close(struct bulletin *bulletin)
{
    text_fini(&bulletin->written);
}

static const char *word_of(const struct bulletin_row *row, int64_t now_s)
{
    if (row->is_ordering)
        return "ordering";
    if (row->state && row->state->failure_count > 0)
        return "failed";
    return row->entry && row->entry->certificate.not_after_s > now_s ? "valid" : "waiting";
}

static void write_row(struct json_writer *writer, const struct bulletin_row *row, int64_t now_s)
{
    const char *problem = row->state && row->state->failure_count > 0 ? row->state->problem : "";
    int64_t next_s = row->decision.word == DECISION_ORDER ? 0 : row->decision.next_s;
    json_writer_begin_object(writer);
    json_writer_key(writer, "names");
    json_writer_begin_array(writer);
    for (unsigned i = 0; i < row->names->count; i++)
        json_writer_str(writer, row->names->list[i]);
    json_writer_end_array(writer);
    json_writer_field_str(writer, "state", word_of(row, now_s));
    json_writer_key(writer, "not_after_s");
    json_writer_int(writer, row->entry ? row->entry->certificate.not_after_s : 0);
    json_writer_key(writer, "next_s");
    json_writer_int(writer, next_s);
    json_writer_field_str(writer, "problem",
                          problem[0]       ? problem
                          : row->waits_for ? row->waits_for
                                           : "");
    json_writer_end_object(writer);
}

void bulletin_write(struct bulletin *bulletin, const struct bulletin_row *rows, size_t count,
                    int64_t now_s)
{
    struct text made = TEXT_INIT;
    struct json_writer writer;
    json_writer_init(&writer, &made);
    json_writer_begin_object(&writer);
    json_writer_field_uint(&writer, "version", 1);
    json_writer_key(&writer, "certificates");
    json_writer_begin_array(&writer);
    for (size_t i = 0; i < count; i++)
        write_row(&writer, &rows[i], now_s);
    json_writer_end_array(&writer);
    json_writer_end_object(&writer);
    if (view_eq(text_view(&made), text_view(&bulletin->written))) {
        text_fini(&made);
        return;
    }
    text_fini(&bulletin->written);
    bulletin->written = made;
    keepsake_write(&bulletin->keepsake, text_view(&made));
}
