#include "lb/http/head.h"

void head_move(struct head *head, const char *from, const char *to)
{
    struct view *views[] = {&head->method, &head->target, &head->path, &head->authority,
                            &head->reason};
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        views[i]->ptr = to + (views[i]->ptr - from);
}

static void file(struct head *head, unsigned index)
{
    struct field *field = &head->fields[index];
    enum field_id id = field_id_of(head_field_name(head, field));
    field->id = (uint8_t)id;
    field->is_dropped = field_is_hop_by_hop(id);
    if (id == FIELD_OTHER)
        return;
    if (head->field_at[id])
        head->repeated |= 1u << id;
    else
        head->field_at[id] = (uint16_t)(index + 1);
}

static bool is_white_space(const char *from, const char *to)
{
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    return from == to;
}

/* Narrows the value to what it is without white space. False: the line, of which `end` is the end,
 * is not name ":" OWS value OWS CRLF. */
static bool take_line(const struct head *head, struct field *field, const char *end)
{
    const char *colon = head->base + field->name_at + field->name_len;
    struct view value =
        field->value_len > 0 ? view_trim(head_field_value(head, field)) : view_of(colon + 1, 0);
    const char *value_end = value.ptr + value.len;
    field->value_at = (uint32_t)(value.ptr - head->base);
    field->value_len = (uint32_t)value.len;
    return field->name_len > 0 && *colon == ':' && value_end + 2 <= end && end[-2] == '\r' &&
           is_white_space(colon + 1, value.ptr) && is_white_space(value_end, end - 2);
}

bool head_file_fields(struct head *head)
{
    const char *end = head->base + head->len - 2;
    memset(head->field_at, 0, sizeof(head->field_at));
    head->repeated = 0;
    if (*end != '\r')
        return false;
    for (unsigned i = 0; i < head->field_count; i++) {
        if (!take_line(head, &head->fields[i], head_line_end(head, i)))
            return false;
        file(head, i);
    }
    return true;
}

bool head_list_next(struct head_list *list, struct view *element)
{
    const struct head *head = list->head;
    for (;;) {
        while (list->rest.ptr) {
            *element = view_trim(view_cut(&list->rest, ','));
            if (element->len > 0)
                return true;
        }
        while (list->seen_count < head->field_count &&
               head->fields[list->seen_count].id != list->id)
            list->seen_count++;
        if (list->seen_count == head->field_count)
            return false;
        list->rest = head_field_value(head, &head->fields[list->seen_count++]);
    }
}

bool head_next_protocol(struct head_list *list, struct view *protocol)
{
    while (head_list_next(list, protocol)) {
        struct view rest = *protocol, name = view_cut(&rest, '/'); /* and its version */
        if (!view_eq_nocase(view_trim(name), VIEW("h2c")))
            return true;
    }
    return false;
}
