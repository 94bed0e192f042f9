# Finds or publishes the configuration policy, then applies it
on error ignore
tries = 0

:look:
config_id = blockchain get config where company=!company_name and node_type=master bring.first [*][id]
if !config_id then goto apply
if !tries.int > 1 then goto failed
tries = incr !tries

new_policy = ""
set policy new_policy [config] = {} and [config][name] = master-configs
set policy new_policy [config][company] = !company_name
set policy new_policy [config][node_type] = master
set policy new_policy [config][version] = !config_version
if !overlay_ip and !tcp_bind == true then set policy new_policy [config][ip] = '!overlay_ip'
else if !overlay_ip then
do set policy new_policy [config][ip] = '!external_ip'
do set policy new_policy [config][local_ip] = '!overlay_ip'
else set policy new_policy [config][ip] = '!ip'
set policy new_policy [config][port] = '!anylog_server_port.int'
set policy new_policy [config][tcp_bind] = '!tcp_bind.bool'
set policy new_policy [config][rest_port] = '!anylog_rest_port.int'
<set policy new_policy [config][script] = [
    "process !local_scripts/ledger.al",
    "if !is_hidden != true then process !local_scripts/node_policy.al",
    "run scheduler 1"
]>
blockchain prepare policy !new_policy
blockchain insert where policy=!new_policy and local=true
goto look

:apply:
on error goto failed
config from policy where id = !config_id
end script

:failed:
echo "the configuration was not applied"
