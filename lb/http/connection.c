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

struct said {
    bool close, keep_alive, upgrade;
    unsigned named_count; /* options that name fields */
};

static bool take_option(struct head *head, struct view option, struct said *said)
{
    if (view_eq_nocase(option, VIEW("close")))
        said->close = true;
    else if (view_eq_nocase(option, VIEW("keep-alive")))
        said->keep_alive = true;
    else if (view_eq_nocase(option, VIEW("upgrade")))
        said->upgrade = true;
    else if (++said->named_count > CONNECTION_OPTION_MAX)
        return false;
    else
        drop_named(head, option);
    return true;
}

/* Fails: more options name fields than CONNECTION_OPTION_MAX. Each costs a look at all fields. */
static enum err take_options(struct head *head, struct said *said)
{
    struct head_list list = {.head = head, .id = FIELD_CONNECTION};
    struct view option;
    while (head_list_next(&list, &option))
        if (!take_option(head, option, said))
            return ERR_OPTIONS;
    return ERR_OK;
}

enum err connection_read(struct head *head, bool *wants_upgrade)
{
    struct said said = {0};
    enum err err = head->field_at[FIELD_CONNECTION] ? take_options(head, &said) : ERR_OK;
    head->is_keep_alive = !said.close && (head->minor_version == 1 || said.keep_alive);
    *wants_upgrade = said.upgrade;
    return err;
}
