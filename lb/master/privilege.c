#include "lb/master/privilege.h"

int privilege_drop(const struct channel_place *place)
{
    (void)place;
    return 0;
}
