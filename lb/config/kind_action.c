#include "lb/config/config_kind.h"

const struct config_kind kind_action = {
    .accepted = "give the flag alone",
};
