#include "lb/http/head.h"

void head_move(struct head *head, const char *from, const char *to)
{
    struct view *views[] = {&head->method, &head->target, &head->path, &head->authority,
                            &head->reason};
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
        views[i]->ptr = to + (views[i]->ptr - from);
}

void head_file_field(struct head *head, unsigned index)
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

bool head_are_lines_whole(const struct head *head)
{
    const char *end = head->base + head->len - 2;
    if (*end != '\r')
        return false;
    for (unsigned i = head->field_count; i-- > 0; end = head->base + head->fields[i].name_at) {
        const struct field *field = &head->fields[i];
        const char *colon = head->base + field->name_at + field->name_len;
        const char *value = head->base + field->value_at, *value_end = value + field->value_len;
        if (*colon != ':' || value_end + 2 > end || end[-2] != '\r' ||
            !is_white_space(colon + 1, value) || !is_white_space(value_end, end - 2))
            return false;
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
