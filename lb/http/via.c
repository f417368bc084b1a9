#include "lb/http/via.h"

#include <inttypes.h>
#include <stdio.h>

#define COMMENT_BYTES 16

struct sightings {
    unsigned plain_count; /* of an lb without a comment */
    unsigned other_count; /* of one with a comment */
    unsigned own_count;   /* of these, with this instance */
};

static struct view format_comment(uint32_t instance, char text[COMMENT_BYTES])
{
    return view_of(text, (size_t)snprintf(text, COMMENT_BYTES, "(%08" PRIx32 ")", instance));
}

/* received-protocol RWS received-by [ RWS comment ] */
static void read_element(struct view element, struct view own, struct sightings *sightings)
{
    view_cut(&element, ' ');
    element = view_trim(element);
    struct view name = view_cut(&element, ' ');
    struct view comment = view_trim(element);
    if (!view_eq_nocase(name, VIEW("lb")))
        return;
    sightings->plain_count += comment.len == 0;
    sightings->other_count += comment.len > 0;
    sightings->own_count += view_eq(comment, own);
}

static struct sightings look(const struct head *head, struct view own)
{
    struct sightings sightings = {0};
    for (unsigned i = 0; i < head->field_count; i++) {
        struct view rest = head_field_value(head, &head->fields[i]);
        while (head->fields[i].id == FIELD_VIA && rest.ptr)
            read_element(view_trim(view_cut(&rest, ',')), own, &sightings);
    }
    return sightings;
}

void via_put(const struct head *head, uint32_t instance, struct head_writer *writer)
{
    head_writer_name(writer, VIEW("Via"));
    head_writer_put(writer, head->minor_version == 1 ? VIEW("1.1 lb") : VIEW("1.0 lb"));
    if (head_find(head, FIELD_VIA)) {
        char text[COMMENT_BYTES];
        struct view own = format_comment(instance, text);
        struct sightings sightings = look(head, own);
        if (sightings.plain_count + sightings.other_count > 0) {
            head_writer_put(writer, VIEW(" "));
            head_writer_put(writer, own);
        }
    }
    head_writer_end_line(writer);
}

bool via_has_loop(const struct head *head, uint32_t instance)
{
    char text[COMMENT_BYTES];
    if (!head_find(head, FIELD_VIA))
        return false;
    struct sightings sightings = look(head, format_comment(instance, text));
    return sightings.own_count > 0 || sightings.plain_count > 1;
}
