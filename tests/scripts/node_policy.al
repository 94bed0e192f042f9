# Publishes this node, once
on error ignore
is_policy = blockchain get master where company=!company_name and name=!node_name bring.first
if !is_policy then end script

<new_policy = {"master": {
    "name": !node_name,
    "company": !company_name,
    "hostname": !hostname,
    "ip": !ip,
    "port": !anylog_server_port.int,
    "rest_port": !anylog_rest_port.int,
    "loc": !loc
}}>
is_json = json !new_policy test
if !is_json == false then goto failed
blockchain prepare policy !new_policy
blockchain insert where policy=!new_policy and local=true
end script

:failed:
echo "the policy of this node is no JSON"
