#include "lb/config/config_kind.h"

const struct config_kind kind_action = {
    .accepted = "the flag alone",
};
