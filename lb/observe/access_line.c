#include "lb/observe/access_line.h"

#include "lb/observe/access_haproxy.h"
#include "lb/observe/access_json.h"
#include "lb/observe/access_short.h"
#include "lb/observe/access_text.h"

static void put_template(struct line *line, const struct access_line *access,
                         const struct record *record)
{
    for (unsigned i = 0; i < access->format->part_count; i++) {
        const struct access_part *part = &access->format->parts[i];
        line_append(line, part->words);
        if (part->field)
            part->field->put(line, record, &access->stamp);
    }
}

size_t access_line_write(struct access_line *access, const struct record *record,
                         char out[ACCESS_LINE_BYTES])
{
    struct line line = {out, out + ACCESS_LINE_BYTES - 2};
    stamp_set(&access->stamp, record->start_wall_ns);
    switch (access->format->form) {
    case ACCESS_FORM_AUTO: /* nobody has settled it */
    case ACCESS_FORM_JSON:
        access_json_put(&line, record, &access->stamp);
        break;
    case ACCESS_FORM_COMBINED:
        access_text_put_combined(&line, record, &access->stamp);
        break;
    case ACCESS_FORM_LOGSTALGIA:
        access_text_put_logstalgia(&line, record, &access->stamp);
        break;
    case ACCESS_FORM_HAPROXY:
        access_haproxy_put(&line, record, &access->stamp);
        break;
    case ACCESS_FORM_SHORT:
        access_short_put(&line, record, &access->stamp, access->format->is_coloured);
        break;
    case ACCESS_FORM_TEMPLATE:
        put_template(&line, access, record);
        break;
    }
    *line.at++ = '\n';
    return (size_t)(line.at - out);
}
