//! The roots of subtrees without leaves, which are the same in every tree.

use super::{tree::pair, Hash, Hasher};

/// The levels of the deepest tree, which has [`super::MAX_LEAVES`].
const DEEPEST: u32 = 25;

/// The roots by their levels above the leaves, each in two halves. The first is the hash of nothing
/// under the tag `empty`, and each other one that of the one before as two neighbors.
const ROOTS: [[u128; 2]; DEEPEST as usize + 1] = [
	[0xdf6dd3b62480876d475bbbb1b45372e0, 0xd10f844210b6c4a3f448347a4ce4134c],
	[0x8740755ad67dc256459317851e3cd061, 0xc9003cd381e7ed4a04fcdcb1480348c5],
	[0xf1bea637d97557b477c92398e8ebbab1, 0xe1957099d96aff1375f23447090751d3],
	[0xc16f877000f93fa67fea344e3f7e1235, 0xcfb0de3169e00c0bf8819d4ce601bd17],
	[0x9814cf517dfe41dc8cd47cc154a313be, 0x43969958206522efd066a3d9227cacf6],
	[0x033aac14c13c2f33a4342f9cceb75919, 0x511442333538306c8441381bd5cccec1],
	[0x95ce0483b757b0c25e457185ac5a4f8b, 0x37f992f6f659f354fbbded75ab89fde4],
	[0x3edf26faa202532b3109ae54ff824374, 0x2eeb36d81c47f80c9f477529351ad142],
	[0x26a7e9082c7e651e80598d5cf7e9ed18, 0xba8cbf944685d13fe0f92a987913d2c8],
	[0xd40f19a9727c1656e9093d3eb9815f91, 0x3b97dd182028c5641b328e6f6de31448],
	[0x8edfc8d03b52f9e1f3616cb8ac93f150, 0x3a40e70825323a782b70312f732588d0],
	[0x7f973d59bd7121add6f63e0fb0a2304d, 0x80a028f7b6ea230a42f39ba0272c8f03],
	[0x91cd0a4bc307d408a988d22e11ba5e19, 0x68a84d37990780d6ea16f888e4ebbf8f],
	[0x19fd989ac0a9b239f36b457243fa26e2, 0x6df6cea9ae90ee11c29b259bf3bb443c],
	[0x4f2b95951e92a93c08ad35e0b617679f, 0xf16f598607afc20b0b87acef4e22bd39],
	[0x09ea59dad155677b0719fc6d45df9fc4, 0x5f2aa755f902779d1e390f6108757f78],
	[0xfd30c2df60cf821dc35bf48db0c60077, 0x8326a9340aa0564210baffa2e212586d],
	[0x4ee9f58b4748064b177dbdf6d87a6a52, 0x100a3d3494e7dee0e1a42a7ffdf218b6],
	[0x4a4e03d3e67452685753823bb3b6d246, 0x4c826cf0ec781eb9a90f95f11c95bfae],
	[0x907c628460f86c725019eb4fbe4bdd1f, 0x1d419288cb9184ec7173726ec7431ea2],
	[0x1a76f573c0435ccda4d688644fc4820e, 0x454d980edd42bc4b424b3f79fc0d670d],
	[0xa0038dda1c55d35114961b28b79a9c6b, 0xe0a8baa4f420d9c9f5ca40bc63445cc2],
	[0x7460503a86f7c0b9bbc3059f4e44b66f, 0x49687cd7157b67292580076f550bad59],
	[0x993fed382b713ce0de54fab6b5c29697, 0x96531ea6a2f52eba9ca905ad4531e603],
	[0xe077a4f13604f388e021be6cb7f19f65, 0xf66ffab0baf59f0687b5debfe066d31c],
	[0x0752a956a8be876a83dfda145d285cb2, 0x0607022aacc9affe57bd72c298b2e8cc],
];

/// The root of a subtree without leaves, `level` levels above the leaves.
pub fn empty<H: Hasher>(level: u32) -> Hash {
	let known = level.min(DEEPEST);
	let [first, second] = ROOTS.get(known as usize).copied().unwrap_or_default();
	let mut root = [0; 32];
	let bytes = first.to_be_bytes().into_iter().chain(second.to_be_bytes());
	root.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
	(known..level).fold(root, |below, _| pair::<H>(&below, &below))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::commitment::{depth, digest, Blake2b256, MAX_LEAVES};

	#[test]
	fn the_roots_of_nothing_are_those_of_the_format() {
		assert_eq!(DEEPEST, depth(MAX_LEAVES));
		let mut root = digest::<Blake2b256>(b"empty", &[]);
		for level in 0..40 {
			assert_eq!(empty::<Blake2b256>(level), root);
			root = pair::<Blake2b256>(&root, &root);
		}
	}
}
