/* What tells the families of a service from those of HTTP's by the same name. */
#ifndef LB_ADMIN_PROTOCOL_LABEL_H
#define LB_ADMIN_PROTOCOL_LABEL_H

#include "lb/contract/service_kind.h"
#include "lb/observe/prometheus_text.h"

/* The last of a list of labels: for HTTP it has none, and ends the list. */
static inline struct prometheus_label protocol_label(enum service_kind kind)
{
    return (struct prometheus_label){kind == SERVICE_HTTP ? NULL : "protocol",
                                     service_kind_word(kind)};
}

#endif
