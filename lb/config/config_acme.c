#include "lb/config/config_acme.h"

bool config_acme_check(const struct config_acme *acme, struct text *problem)
{
    if (!acme->email || !acme->eab_kid == !acme->eab_key_file)
        return true;
    text_appendf(problem, "--%s: is of no use without --%s; give both, as the authority says",
                 acme->eab_kid ? "acme-eab-kid" : "acme-eab-key-file",
                 acme->eab_kid ? "acme-eab-key-file" : "acme-eab-kid");
    return false;
}
