#include "lb/master/activation.h"

void activation_take(struct store *store)
{
    (void)store;
}
