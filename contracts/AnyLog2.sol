// SPDX-License-Identifier: MPL-2.0
pragma solidity 0.8.37;

/// @title The policies of an AnyLog / EdgeLake network on a chain.
/// @notice The first part is the interface that every node of such a network expects (docs/reference/ledger.md 12.1): names,
/// types, events and reasons are given. The second part is this project's: nodes look for it and do without it.
contract AnyLog2 {
    /// Where a policy stands, and who inserted it.
    struct Place {
        uint256 number; // 1 for the first entry of the list; 0 when there is no such policy
        address owner;
    }

    /// Texts of the policies; a delete moves the last one into the gap.
    string[] public policies;
    /// Their ids, in the same order.
    string[] public policy_ids;
    /// Number of policies.
    uint256 public num_policies;
    /// Inserts, updates and deletes so far.
    uint256 public transaction_count;

    mapping(string => Place) private places;

    event get_policy_event(string);
    event delete_policy_event(bool);
    event get_policy_owner_event(address);
    event updated_policy_event(string, string);

    /// @notice Adds a policy; the sender owns it.
    function insert(string calldata policy_id, string calldata json) external {
        require(places[policy_id].number == 0, "Policy with policy id already exists");
        policies.push(json);
        policy_ids.push(policy_id);
        places[policy_id] = Place(policies.length, msg.sender);
        num_policies += 1;
        note(1, policy_id, json);
    }

    /// @notice Replaces the text of a policy; only its owner can.
    function updatePolicy(string calldata policy_id, string calldata json) external {
        Place storage place = places[policy_id];
        require(place.number != 0, "Policy ID does not exist");
        require(place.owner == msg.sender, "Only policy owner can update policy");
        policies[place.number - 1] = json;
        note(2, policy_id, json);
        emit updated_policy_event(policy_id, json);
    }

    /// @notice Removes a policy; anybody can, as in the contracts that networks have.
    function deletePolicy(string calldata policy_id) external {
        require(places[policy_id].number != 0, "Policy ID does not exist");
        remove(policy_id);
    }

    /// @notice Emits the text of a policy.
    function getPolicy(string calldata policy_id) external {
        uint256 number = places[policy_id].number;
        require(number != 0, "Policy does not exist");
        emit get_policy_event(policies[number - 1]);
    }

    /// @notice Emits the owner of a policy; the zero address when there is none.
    function getPolicyOwner(string calldata policy_id) external {
        emit get_policy_owner_event(places[policy_id].owner);
    }

    // ------------------------------------------------------------------------------------------------------------------
    // What other contracts of this interface do not have.
    // ------------------------------------------------------------------------------------------------------------------

    /// Hash over every change so far: two contracts, or two branches of a chain, with the same one hold the same policies.
    bytes32 public digest;

    /// @notice Removes a policy of the sender; the owner alone can.
    function deleteOwnPolicy(string calldata policy_id) external {
        Place storage place = places[policy_id];
        require(place.number != 0, "Policy ID does not exist");
        require(place.owner == msg.sender, "Only policy owner can delete policy");
        remove(policy_id);
    }

    /// @notice All that a node has to know to see whether something changed, in one call.
    function overview() external view returns (uint256 transactions, uint256 count, bytes32 hash) {
        return (transaction_count, num_policies, digest);
    }

    /// @notice Entries of the list from a position on: at most `count` of them, fewer at its end.
    function page(uint256 from, uint256 count) external view returns (string[] memory ids, string[] memory texts) {
        uint256 rest = from < policies.length ? policies.length - from : 0;
        uint256 size = count < rest ? count : rest;
        ids = new string[](size);
        texts = new string[](size);
        for (uint256 index = 0; index < size; index++) {
            ids[index] = policy_ids[from + index];
            texts[index] = policies[from + index];
        }
    }

    /// @notice Text and owner of a policy; an empty text and the zero address when there is none.
    function find(string calldata policy_id) external view returns (string memory text, address owner) {
        Place storage place = places[policy_id];
        if (place.number != 0) {
            (text, owner) = (policies[place.number - 1], place.owner);
        }
    }

    /// Takes a policy out of the list; the last one moves into the gap.
    function remove(string calldata policy_id) private {
        uint256 gap = places[policy_id].number;
        uint256 last = policies.length;
        delete places[policy_id];
        if (gap != last) {
            string memory moved = policy_ids[last - 1];
            policies[gap - 1] = policies[last - 1];
            policy_ids[gap - 1] = moved;
            places[moved].number = gap;
        }
        policies.pop();
        policy_ids.pop();
        num_policies -= 1;
        note(3, policy_id, "");
        emit delete_policy_event(true);
    }

    /// Counts a change and takes it into the hash.
    function note(uint8 kind, string calldata policy_id, string memory text) private {
        transaction_count += 1;
        digest = keccak256(abi.encode(digest, kind, policy_id, text));
    }
}
