#include "lb/http/connection.h"

/* Drops the fields that a Connection option names (RFC 9110 § 7.6.1), but never one that lb needs
 * or writes itself: a client must not be able to strip those. */
static void drop_named(struct head *head, struct view option)
{
    for (unsigned i = 0; i < head->field_count; i++) {
        struct field *field = &head->fields[i];
        if (!field_has_meaning(field->id) && view_eq_nocase(head_field_name(head, field), option))
            field->is_dropped = true;
    }
}

/* Fails: more options name fields than CONNECTION_OPTION_MAX. Each costs a look at all fields. */
enum err connection_read(struct head *head, bool *wants_upgrade)
{
    bool close = false, keep_alive = false, upgrade = false;
    unsigned named_count = 0;
    for (unsigned i = 0; head->field_at[FIELD_CONNECTION] && i < head->field_count; i++) {
        if (head->fields[i].id != FIELD_CONNECTION)
            continue;
        struct view rest = head_field_value(head, &head->fields[i]);
        while (rest.ptr) {
            struct view option = view_trim(view_cut(&rest, ','));
            if (view_eq_nocase(option, VIEW("close")))
                close = true;
            else if (view_eq_nocase(option, VIEW("keep-alive")))
                keep_alive = true;
            else if (view_eq_nocase(option, VIEW("upgrade")))
                upgrade = true;
            else if (option.len > 0 && ++named_count > CONNECTION_OPTION_MAX)
                return ERR_OPTIONS;
            else if (option.len > 0)
                drop_named(head, option);
        }
    }
    head->is_keep_alive = !close && (head->minor_version == 1 || keep_alive);
    *wants_upgrade = upgrade;
    return ERR_OK;
}
