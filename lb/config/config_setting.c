#include "lb/config/config_setting.h"

#include <string.h>

bool config_setting_is_list(const struct config_setting *setting)
{
    return setting->list.max_count > 0;
}

bool config_setting_is_switch(const struct config_setting *setting)
{
    const char *const *words = setting->words;
    return words && words[0] && words[1] && strcmp(words[0], "off") == 0 &&
           strcmp(words[1], "on") == 0;
}

bool config_setting_is_action(const struct config_setting *setting)
{
    return setting->action != 0;
}
