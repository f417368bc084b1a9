#include "lb/config/config_faults.h"

bool config_faults_add(struct text *faults, struct text *message)
{
    if (message->len > 0) {
        if (faults->len > 0)
            text_append_char(faults, '\n');
        text_append(faults, text_view(message));
    }
    text_fini(message);
    return false;
}

struct view config_faults_next(struct view *rest)
{
    if (rest->len == 0)
        return view_of(NULL, 0);
    return view_cut(rest, '\n');
}
