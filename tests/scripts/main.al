# A small tree of the shape of the public deployment scripts: parameters, a configuration policy, its script.
on error ignore
set echo queue on

version = get version
product = python !version.split(" ")[0]
if !product == AnyLog then goto other-product

set anylog home $ANYLOG_PATH
local_scripts = $LOCAL_SCRIPTS
is_dir = file test !local_scripts
if !is_dir == false then
do echo "no scripts at" !local_scripts
do exit scripts
create work directories

process !local_scripts/params.al
process !local_scripts/config.al
get processes
end script

:other-product:
echo "these scripts are for another product than" !product
